import type { Readable, Writable } from 'node:stream';
import type { MessageChannel, Receiver } from './channel.js';
import { LINE_LIMIT } from './messages.js';

const NEWLINE = 0x0a;

/** Messages as JSON, one a line, over a pair of streams (or one Duplex). */
export class LineChannel implements MessageChannel {
  receiver: Receiver | undefined;

  readonly #output: Writable;
  readonly #input: Readable;
  readonly #limit: number;
  #pieces: Buffer[] = [];
  #length = 0;
  #closed = false;

  constructor(input: Readable, output: Writable, limit = LINE_LIMIT) {
    this.#input = input;
    this.#output = output;
    this.#limit = limit;
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
      this.#length += piece.length;
      if (this.#length > this.#limit) {
        this.#fail(`a line is longer than ${this.#limit} octets`);
        return;
      }
      this.#pieces.push(piece);
      if (end === -1) return;
      const line = Buffer.concat(this.#pieces).toString('utf8');
      this.#pieces = [];
      this.#length = 0;
      from = end + 1;
      this.#onLine(line);
    }
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
