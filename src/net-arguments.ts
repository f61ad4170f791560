/**
 * The overloads of `connect` and `listen`, as `node:net` reads them:
 *
 *  - (options[, …][, callback])
 *  - (path[, …][, callback])
 *  - ([port][, host][, …][, callback])
 */
export function optionsAndCallback(
  args: readonly unknown[],
): [Record<string, unknown>, ((...args: unknown[]) => void) | undefined] {
  const [first, second] = args;
  const last = args.at(-1);
  const callback =
    typeof last === 'function'
      ? (last as (...args: unknown[]) => void)
      : undefined;
  if (args.length === 0) return [{}, callback];
  if (typeof first === 'object' && first !== null) {
    return [first as Record<string, unknown>, callback];
  }
  if (isPath(first)) return [{ path: first }, callback];
  return typeof second === 'string'
    ? [{ port: first, host: second }, callback]
    : [{ port: first }, callback];
}

/** A string that is not a number. */
export function isPath(value: unknown): value is string {
  return typeof value === 'string' && backlogOf(value) === undefined;
}

/** A non-negative number, or a string that holds one. */
export function backlogOf(value: unknown): number | undefined {
  const number = Number(value);
  return number >= 0 ? number : undefined;
}
