import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket, WinsockError } from 'goodbyte';
import { connect } from 'goodbyte/promises';
import { linesOf } from '../lines.js';

/** Lines that may wait for their answers. */
const WINDOW = 8;

/** Errors while no server listens. */
const retry = ['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EAGAIN', 'EPIPE'];

/** Counts for all clients together. */
export class Counts {
  sent = 0;
  answered = 0;
  answeredTwice = 0;
  lost = 0;
  reasonsHeard = 0;
  reasonsMissed = 0;
  reason = '';
}

/** Sends lines without pause, and unanswered lines again. */
export class Client {
  readonly #name: string;
  readonly #path: string;
  readonly #counts: Counts;
  readonly #onanswer: () => void;
  readonly #waiting: string[] = [];
  #sent = 0;
  #finishing = false;

  constructor(
    name: string,
    path: string,
    counts: Counts,
    onanswer: () => void,
  ) {
    this.#name = name;
    this.#path = path;
    this.#counts = counts;
    this.#onanswer = onanswer;
  }

  /** Sends no more lines; {@link run} resolves with the last answer. */
  finish(): void {
    this.#finishing = true;
  }

  async run(): Promise<void> {
    while (!this.#isDone) {
      const socket = await this.#connect();
      for (const line of this.#waiting) socket.write(`${line}\n`);
      this.#goOn(socket);
      try {
        for await (const line of linesOf(socket)) this.#take(line, socket);
      } catch {
        // Broken off: the server said no last word.
      }
      if (!this.#isDone) this.#hear(socket.disconnectData);
    }
  }

  get #isDone(): boolean {
    return this.#finishing && this.#waiting.length === 0;
  }

  async #connect(): Promise<Socket> {
    for (;;) {
      try {
        return await connect(this.#path);
      } catch (error) {
        if (!retry.includes((error as WinsockError).code)) throw error;
        await sleep(20);
      }
    }
  }

  #goOn(socket: Socket): void {
    if (this.#isDone) socket.end();
    while (!this.#finishing && this.#waiting.length < WINDOW) {
      const line = `${this.#name}, line ${++this.#sent}`;
      this.#counts.sent += 1;
      this.#waiting.push(line);
      if (socket.writable) socket.write(`${line}\n`);
    }
  }

  /** Answers come in the order of the lines. */
  #take(answer: string, socket: Socket): void {
    const place = this.#waiting.findIndex(
      (line) => line.toUpperCase() === answer,
    );
    if (place === -1) {
      this.#counts.answeredTwice += 1;
      return;
    }
    this.#counts.lost += place;
    this.#waiting.splice(0, place + 1);
    this.#counts.answered += 1;
    this.#onanswer();
    this.#goOn(socket);
  }

  /** The connection has ended, and not because we were done. */
  #hear(lastWord: Buffer | undefined): void {
    if (lastWord) {
      this.#counts.reasonsHeard += 1;
      this.#counts.reason = lastWord.toString();
    } else {
      this.#counts.reasonsMissed += 1;
    }
  }
}
