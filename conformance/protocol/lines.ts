import type { Readable, Writable } from 'node:stream';
import type { Closing, MessageChannel, Receiver } from './channel.js';
import { withoutMark } from '../text-file.js';

/** Octets of one line; a longer one ends the conversation. */
export const LINE_LIMIT = 8 * 1024 * 1024;

/** Octets of a line before the agent is known: its hello. */
export const HELLO_LIMIT = 256 * 1024;

const NEWLINE = 0x0a;

/** Most characters of a line in an error. */
const SHOWN = 80;

/** Messages as JSON, one a line, over a pair of streams (or one Duplex). */
export class LineChannel implements MessageChannel {
  receiver: Receiver | undefined;

  readonly #output: Writable;
  readonly #input: Readable;
  /** Most octets of a line. */
  limit: number;

  /** Lines received. */
  #heard = 0;
  /** The incomplete line: its first `#length` octets. */
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
      this.#fail('the peer has ended', 'gone');
    });
    input.on('close', () => {
      this.#fail('the peer is gone', 'gone');
    });
    for (const stream of new Set<Readable | Writable>([input, output])) {
      stream.on('error', (error: Error) => {
        this.#fail(error.message, 'gone');
      });
    }
  }

  /** The beginning of an incomplete line, if there is one. */
  get unfinished(): string | undefined {
    return this.#length === 0
      ? undefined
      : this.#text(Math.min(this.#length, SHOWN));
  }

  send(message: object): void {
    if (!this.#closed) this.#output.write(`${JSON.stringify(message)}\n`);
  }

  close(): void {
    this.#fail('closed', 'closed');
  }

  #onOctets(chunk: Buffer): void {
    let from = 0;
    while (!this.#closed) {
      const end = chunk.indexOf(NEWLINE, from);
      const piece = chunk.subarray(from, end === -1 ? undefined : end);
      if (this.#length + piece.length > this.limit) {
        this.#fail(`a line is longer than ${this.limit} octets`, 'garbled');
        return;
      }
      this.#hold(piece);
      if (end === -1) return;
      const line = this.#text(this.#length);
      this.#length = 0;
      this.#heard += 1;
      from = end + 1;
      this.#onLine(line);
    }
  }

  #text(length: number): string {
    const text = this.#line.toString('utf8', 0, length);
    // Some programs on Windows begin their output with a byte order mark.
    return this.#heard === 0 ? withoutMark(text) : text;
  }

  /**
   * Keeps a copy of a piece of a line, so that a line that comes octet by octet
   * takes no more memory than one that comes at once.
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
      const shown = JSON.stringify(line.slice(0, SHOWN));
      this.#fail(`a line is not JSON: ${shown}`, 'garbled');
      return;
    }
    this.receiver?.message(message);
  }

  #fail(why: string, how: Closing): void {
    if (this.#closed) return;
    this.#closed = true;
    // Pending output is still written; nothing more is read.
    this.#output.end();
    this.#input.resume();
    const { receiver } = this;
    this.receiver = undefined;
    receiver?.closed(why, how);
  }
}
