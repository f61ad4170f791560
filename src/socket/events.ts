/** Arguments of a Socket's events: those of `node:net`, and `disconnect`. */
export interface SocketEventMap {
  close: [hadError: boolean];
  connect: [];
  connectionAttempt: [address: string, port: number, family: number];
  connectionAttemptFailed: [
    address: string,
    port: number,
    family: number,
    error: Error,
  ];
  connectionAttemptTimeout: [address: string, port: number, family: number];
  data: [chunk: Buffer];
  /**
   * The peer's last word, or `undefined`, and the number beside it: all data
   * before it has been read.
   */
  disconnect: [data: Buffer | undefined, code?: number];
  drain: [];
  end: [];
  error: [error: Error];
  finish: [];
  lookup: [
    error: Error | null,
    address: string,
    family: number | string,
    host: string,
  ];
  /**
   * The peer will say its last word soon, and carries on until then; with its
   * data and the number beside it.
   */
  notice: [data: Buffer | undefined, code?: number];
  pause: [];
  readable: [];
  ready: [];
  resume: [];
  timeout: [];
}
