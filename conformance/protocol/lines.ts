import type { Readable, Writable } from 'node:stream';
import type { MessageChannel, Receiver } from './channel.js';
import { LINE_LIMIT } from './messages.js';

const NEWLINE = 0x0a;

/** Messages as JSON, one a line, over a pair of streams (or one Duplex). */
export class LineChannel implements MessageChannel {
  receiver: Receiver | undefined;

  readonly #output: Writable;
  readonly #input: Readable;
  /** Octets that a line has at most. */
  limit: number;

  /** The line that has not ended yet: its first `#length` octets. */
  #line: Buffer = Buffer.alloc(0);
  #length = 0;
  #closed = false;

  constructor(input: Readable, output: Writable, limit = LINE_LIMIT) {
    this.#input = input;
    this.#output = output;
    this.limit = limit;
    input.on('data', (chunk: Buffer) => {
      this.#onOctets(chunk);
    });
    input.on('end', () => {
      this.#fail('the other side has ended');
    });
    input.on('close', () => {
      this.#fail('the other side is gone');
    });
    for (const stream of new Set<Readable | Writable>([input, output])) {
      stream.on('error', (error: Error) => {
        this.#fail(error.message);
      });
    }
  }

  send(message: object): void {
    if (!this.#closed) this.#output.write(`${JSON.stringify(message)}\n`);
  }

  close(): void {
    this.#fail('closed');
  }

  #onOctets(chunk: Buffer): void {
    let from = 0;
    while (!this.#closed) {
      const end = chunk.indexOf(NEWLINE, from);
      const piece = chunk.subarray(from, end === -1 ? undefined : end);
      if (this.#length + piece.length > this.limit) {
        this.#fail(`a line is longer than ${this.limit} octets`);
        return;
      }
      this.#hold(piece);
      if (end === -1) return;
      const line = this.#line.toString('utf8', 0, this.#length);
      this.#length = 0;
      from = end + 1;
      this.#onLine(line);
    }
  }

  /**
   * Keeps a piece of a line. It is copied: what comes octet by octet takes no
   * more memory than what comes at once.
   */
  #hold(piece: Buffer): void {
    const length = this.#length + piece.length;
    if (length > this.#line.length) {
      const longer = Buffer.alloc(Math.max(length, 2 * this.#line.length));
      this.#line.copy(longer, 0, 0, this.#length);
      this.#line = longer;
    }
    piece.copy(this.#line, this.#length);
    this.#length = length;
  }

  #onLine(line: string): void {
    if (line.trim() === '') return;
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      this.#fail(`a line is no JSON: ${JSON.stringify(line.slice(0, 80))}`);
      return;
    }
    this.receiver?.message(message);
  }

  #fail(why: string): void {
    if (this.#closed) return;
    this.#closed = true;
    // What is still on its way out is written; nothing more is read.
    this.#output.end();
    this.#input.resume();
    const { receiver } = this;
    this.receiver = undefined;
    receiver?.closed(why);
  }
}
