import type { Duplex } from 'node:stream';

/** Called by a stream when a write is done. */
export type Written = (error?: Error | null) => void;

/** Writes under way in slices, and the stream's own methods before. */
interface Apart {
  writes: number;
  writev: PropertyDescriptor | undefined;
}

const apart = new WeakMap<Duplex, Apart>();

/**
 * Writes octets in slices that a stream reports one by one.
 *
 * A stream would join waiting slices and report them all at the end, so it has no
 * `_writev` until the last slice is written.
 */
export function writeInSlices(
  stream: Duplex,
  octets: Uint8Array,
  most: number,
  written: Written | undefined,
): void {
  keepApart(stream);
  let at = 0;
  for (; at + most < octets.length; at += most) {
    stream.write(octets.subarray(at, at + most));
  }
  stream.write(octets.subarray(at), (error) => {
    putTogether(stream);
    written?.(error);
  });
}

function keepApart(stream: Duplex): void {
  const under = apart.get(stream);
  if (under) {
    under.writes++;
    return;
  }
  const writev = Object.getOwnPropertyDescriptor(stream, '_writev');
  apart.set(stream, { writes: 1, writev });
  Object.defineProperty(stream, '_writev', {
    value: null,
    configurable: true,
    writable: true,
  });
}

function putTogether(stream: Duplex): void {
  const { writev, writes } = apart.get(stream)!;
  if (writes > 1) {
    apart.get(stream)!.writes--;
    return;
  }
  apart.delete(stream);
  if (writev) Object.defineProperty(stream, '_writev', writev);
  else Reflect.deleteProperty(stream, '_writev');
}
