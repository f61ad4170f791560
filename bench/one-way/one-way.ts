import type { Socketlike } from '../support/one-connection.js';
import type { Done, Work } from '../support/work.js';

/** Octets in one write. */
export const WRITE = 64 * 1024;
/** Octets in one operation, which ends when the receiver has all of them. */
export const OPERATION = 16 * 1024 * 1024;

/** The part of a Writable that is needed here. */
interface Sender {
  write(octets: Buffer): boolean;
  on(event: 'drain', listener: () => void): unknown;
}

/** Octets that depend on their place in the write. */
const PERIOD = 251;
const chunk = Buffer.from(
  Array.from({ length: WRITE }, (_, at) => at % PERIOD),
);

/** Sends octets over one connection, in one direction. */
export class OneWay implements Work {
  readonly lanes = 1;
  readonly #sender: Sender;
  #toWrite = 0;
  #toReceive = 0;
  #done: Done | undefined;

  constructor(sender: Sender) {
    this.#sender = sender;
    sender.on('drain', () => {
      this.#write();
    });
  }

  /** From the caller of a connection to the callee. */
  static over({ caller, callee }: Record<'caller' | 'callee', Socketlike>) {
    const work = new OneWay(caller);
    callee.on('data', (octets: Buffer) => {
      work.received(octets);
    });
    return work;
  }

  run(_lane: number, done: Done): void {
    this.#done = done;
    this.#toWrite = OPERATION;
    this.#toReceive = OPERATION;
    this.#write();
  }

  #write(): void {
    while (this.#toWrite > 0) {
      this.#toWrite -= WRITE;
      if (!this.#sender.write(chunk)) return;
    }
  }

  /** Octets that the receiver has. */
  received(octets: Buffer): void {
    const at = (OPERATION - this.#toReceive) % WRITE;
    const last = (at + octets.length - 1) % WRITE;
    this.#toReceive -= octets.length;
    if (
      this.#toReceive < 0 ||
      octets[0] !== at % PERIOD ||
      octets.at(-1) !== last % PERIOD
    ) {
      this.#done?.(
        new Error('the receiver got other octets than were written'),
      );
    } else if (this.#toReceive === 0) {
      this.#done?.();
    }
  }
}
