/** Where Node keeps what TLS uses in place of a handle. */
const STREAM_OF_TLS = 'node:internal/js_stream_socket';

/** Frames between a write of TLS and the Socket. */
const FRAMES = 12;

/**
 * Whether it is Node's TLS that writes at this moment, around a Socket that it
 * was given (`tls.connect({ socket })`, `new TLSSocket(socket)`).
 *
 * TLS says its own goodbye behind the peer's end. A net.Socket's handle takes
 * that in silence; of any other stream an error would reach a TLSSocket to which
 * nobody listens any more, and end the process. Only the stack tells who writes:
 * it is asked for a write behind the end alone.
 */
export function isWrittenByTls(): boolean {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  const { stack } = new Error('who writes?');
  Error.stackTraceLimit = stackTraceLimit;
  return stack?.includes(STREAM_OF_TLS) ?? false;
}
