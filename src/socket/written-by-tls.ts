/** Where Node keeps what TLS uses in place of a handle. */
const STREAM_OF_TLS = 'node:internal/js_stream_socket';

/** Frames between a write of TLS and the Socket. */
const FRAMES = 12;

/**
 * Whether Node's TLS is writing at this moment, around a Socket that it was
 * given (`tls.connect({ socket })`, `new TLSSocket(socket)`).
 *
 * TLS sends its close_notify after the peer's end. A net.Socket's handle
 * accepts that silently; with any other stream an error would reach a TLSSocket
 * without listeners, and end the process. Only the stack shows who writes; it
 * is read only for a write after the end.
 */
export function isWrittenByTls(): boolean {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  const { stack } = new Error('who writes?');
  Error.stackTraceLimit = stackTraceLimit;
  return stack?.includes(STREAM_OF_TLS) ?? false;
}
