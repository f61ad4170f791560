import type { Place } from '../support/place.js';
import type { Done, Work } from '../support/work.js';

/** Connections that echo at a time, and octets in each message. */
export const CONNECTIONS = 64;
export const OCTETS = 64;

/** An implementation of echo: both sides, in one process or in two. */
export interface Echo {
  listen(place: Place): Promise<EchoServer>;
  connect(place: Place): Promise<EchoConnection>;
}

/** Sends everything back. */
export interface EchoServer {
  readonly place: Place;
  /** Accepted connections that are open. */
  readonly connections: number;
}

export interface EchoConnection {
  /** Sends octets and waits for the same to come back. */
  echo(octets: Buffer, done: Done): void;
  close(): void;
}

/** Keeps one message under way on each connection. */
export async function workOf(echo: Echo, place: Place): Promise<Work> {
  const lanes = await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, lane) => ({
      connection: await echo.connect(place),
      octets: Buffer.alloc(OCTETS, lane),
      count: 0,
    })),
  );
  return {
    lanes: CONNECTIONS,
    run(lane, done) {
      const own = lanes[lane]!;
      // A second copy of an earlier reply is not taken for this one.
      own.octets.writeUInt32BE(++own.count);
      own.connection.echo(own.octets, done);
    },
  };
}

/** Compares the reply with the message, however it was split. */
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
      this.fail(new Error('the reply differs from the message'));
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
