// W3C trace context in caller data: header lines as in HTTP, `traceparent`
// first, each ended by LF; an empty line; then the application's own data.
// Caller data that begins otherwise carries no context.

const FIRST = 'traceparent: ';

/** @param headers `{ traceparent, tracestate }`, as a propagator injects. */
export function withContext({ traceparent, ...more }, data = '') {
  if (!traceparent) return Buffer.from(data);
  const lines = Object.entries({ traceparent, ...more }).map(
    ([name, value]) => `${name}: ${value}\n`,
  );
  return Buffer.concat([Buffer.from(`${lines.join('')}\n`), Buffer.from(data)]);
}

/** @returns the headers, for a propagator to extract, and the own data. */
export function contextOf(callerData = Buffer.alloc(0)) {
  const end = callerData.indexOf('\n\n');
  if (end < 0 || !callerData.toString('latin1', 0, FIRST.length).match(FIRST)) {
    return { headers: {}, data: callerData };
  }
  const lines = callerData.toString('utf8', 0, end).split('\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const [name, ...value] = line.split(': ');
      return [name, value.join(': ')];
    }),
  );
  return { headers, data: callerData.subarray(end + 2) };
}
