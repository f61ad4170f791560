/** Up to this many octets, a loop is faster than the calls that it replaces. */
const SHORT = 64;

/** Copies `length` octets of `from`, from `start` on, to `to`, at `at`. */
export function copyOctets(
  from: Uint8Array,
  start: number,
  length: number,
  to: Uint8Array,
  at: number,
): void {
  if (length > SHORT) {
    // Faster than subarray(), and than Buffer's copy().
    to.set(new Uint8Array(from.buffer, from.byteOffset + start, length), at);
    return;
  }
  for (let index = 0; index < length; index++) {
    to[at + index] = from[start + index]!;
  }
}

/** A copy that may be kept: not in Buffer's pool, which it would keep alive. */
export function copyOf(from: Uint8Array, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(end - start);
  copyOctets(from, start, end - start, copy, 0);
  return copy;
}
