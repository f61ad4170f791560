import type { Done, Work } from '../support/work.js';

/** How many connections echo at a time, and how much. */
export const CONNECTIONS = 64;
export const OCTETS = 64;

/** An implementation of echo: both sides, in one process or in two. */
export interface Echo {
  listen(): Promise<EchoServer>;
  connect(port: number): Promise<EchoConnection>;
}

/** Sends back what comes. */
export interface EchoServer {
  readonly port: number;
  /** Connections that are accepted and open. */
  readonly connections: number;
}

export interface EchoConnection {
  /** Sends octets and waits for the same to come back. */
  echo(octets: Buffer, done: Done): void;
  close(): void;
}

/** Each connection has one message under way. */
export async function workOf(echo: Echo, port: number): Promise<Work> {
  const lanes = await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, lane) => ({
      connection: await echo.connect(port),
      octets: Buffer.alloc(OCTETS, lane),
      count: 0,
    })),
  );
  return {
    lanes: CONNECTIONS,
    run(lane, done) {
      const own = lanes[lane]!;
      // An earlier reply that came twice would not be taken for this one.
      own.octets.writeUInt32BE(++own.count);
      own.connection.echo(own.octets, done);
    },
  };
}

/** Compares what comes back with what was sent, however it was cut. */
export class Reply {
  #expected: Buffer | undefined;
  #received = 0;
  #done: Done | undefined;

  expect(octets: Buffer, done: Done): void {
    this.#expected = octets;
    this.#received = 0;
    this.#done = done;
  }

  take(chunk: Buffer): void {
    const from = this.#received;
    this.#received += chunk.length;
    const expected = this.#expected?.subarray(from, this.#received);
    if (!expected?.equals(chunk)) {
      this.fail(new Error('what came back is not what was sent'));
    } else if (this.#received === this.#expected!.length) {
      this.#expected = undefined;
      this.#done!();
    }
  }

  fail(error: Error): void {
    if (!this.#done) throw error;
    this.#done(error);
  }
}
