import type { Socketlike } from '../support/one-connection.js';
import type { Done, Work } from '../support/work.js';

/** Number of writes in one tick, and octets in each. */
const WRITES = 1000;
const OCTETS = 100;

const LENGTH = WRITES * OCTETS;
const chunk = Buffer.alloc(OCTETS, 'b');

/** Makes many small writes in one tick, over and over, in one direction. */
export class Burst implements Work {
  readonly lanes = 1;
  readonly #write: (octets: Buffer) => unknown;
  #toReceive = 0;
  #done: Done | undefined;

  constructor(write: (octets: Buffer) => unknown) {
    this.#write = write;
  }

  /** From the caller of a connection to the callee. */
  static over({ caller, callee }: Record<'caller' | 'callee', Socketlike>) {
    const work = new Burst((octets) => caller.write(octets));
    callee.on('data', (octets: Buffer) => {
      work.received(octets);
    });
    return work;
  }

  run(_lane: number, done: Done): void {
    this.#done = done;
    this.#toReceive = LENGTH;
    for (let count = 0; count < WRITES; count++) this.#write(chunk);
  }

  /** Octets that the receiver has. */
  received(octets: Buffer): void {
    this.#toReceive -= octets.length;
    const { length } = octets;
    const isSame =
      this.#toReceive >= 0 &&
      octets[0] === chunk[0] &&
      octets[length - 1] === chunk[0];
    if (!isSame)
      this.#done?.(
        new Error('the receiver got other octets than were written'),
      );
    else if (this.#toReceive === 0) this.#done?.();
  }
}
