import type { Done, Work } from '../support/work.js';

/** Lengths of the messages that are measured, and how many make an operation. */
export const sizes = {
  small: { octets: 64, count: 16_384 },
  large: { octets: 16 * 1024, count: 1024 },
} satisfies Record<string, Size>;

export interface Size {
  readonly octets: number;
  readonly count: number;
}

/**
 * Sends a message.
 *
 * @returns whether it was taken; else {@link Messages.goOn} has to be called later.
 */
export type Send = (message: Buffer) => boolean;

/** Messages that differ; they are sent in turn, and never changed. */
const DIFFERENT = 256;

/** Sends whole messages in one direction, as many as the sender takes. */
export class Messages implements Work {
  readonly lanes = 1;
  readonly #messages: readonly Buffer[];
  readonly #count: number;
  readonly #send: Send;
  #sent: number;
  #received = 0;
  #done: Done | undefined;

  constructor({ octets, count }: Size, send: Send) {
    this.#messages = Array.from({ length: DIFFERENT }, (_, at) =>
      Buffer.alloc(octets, at),
    );
    this.#count = count;
    this.#send = send;
    // Nothing is to be sent yet.
    this.#sent = count;
  }

  run(_lane: number, done: Done): void {
    this.#sent = 0;
    this.#received = 0;
    this.#done = done;
    this.goOn();
  }

  /** The sender takes messages again. */
  goOn(): void {
    while (this.#sent < this.#count) {
      if (!this.#send(this.#messages[this.#sent % DIFFERENT]!)) return;
      this.#sent++;
    }
  }

  /** A message that the receiver has. */
  received(message: Buffer): void {
    const expected = this.#messages[this.#received % DIFFERENT]!;
    this.#received++;
    if (this.#received > this.#count || !expected.equals(message)) {
      this.#done?.(new Error('the receiver got another message than was sent'));
    } else if (this.#received === this.#count) {
      this.#done?.();
    }
  }
}
