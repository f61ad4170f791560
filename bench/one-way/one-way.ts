import type { Done, Work } from '../support/work.js';

/** Octets of one write. */
export const WRITE = 64 * 1024;
/** Octets of one operation: the receiver has all of them at its end. */
export const OPERATION = 16 * 1024 * 1024;

/** As much of a Writable as is needed here. */
interface Sender {
  write(octets: Buffer): boolean;
  on(event: 'drain', listener: () => void): unknown;
}

/** Octets that tell where in a write they stand. */
const PERIOD = 251;
const chunk = Buffer.from(
  Array.from({ length: WRITE }, (_, at) => at % PERIOD),
);

/** Moves octets over one connection, in one direction. */
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

  /** The receiver has got these. */
  received(octets: Buffer): void {
    const at = (OPERATION - this.#toReceive) % WRITE;
    const last = (at + octets.length - 1) % WRITE;
    this.#toReceive -= octets.length;
    if (
      this.#toReceive < 0 ||
      octets[0] !== at % PERIOD ||
      octets.at(-1) !== last % PERIOD
    ) {
      this.#done?.(new Error('what came is not what was written'));
    } else if (this.#toReceive === 0) {
      this.#done?.();
    }
  }
}
