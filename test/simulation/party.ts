// One end of a simulated connection: a Socket, its application, and an account of what
// it sent and received.
import { getEventListeners } from 'node:events';
import type { Socket } from '../../src/index.js';
import { Account, octetsFrom, take } from '../../bench/soak/side.js';
import type { Choices } from './choices.js';
import type { End } from './medium.js';

/** Thrown on purpose by a listener of the simulation. */
export class Planted extends Error {}

/** Octets that no peer takes as a last word. */
const TOO_LONG = 5000;

const wordOf = (length: number) =>
  length === 0 ? undefined : Buffer.alloc(length, 'last word ');

export class Party {
  readonly name: string;
  readonly socket: Socket;
  readonly end: End;
  readonly account = new Account();
  readonly #choices: Choices;
  readonly #violation: (what: string) => void;
  /** Its own disconnect() waits, or it has called end(). */
  hasEnded = false;
  isClosed = false;
  /** Answers in preparation. */
  readonly answering: ((how: 'give' | 'fail') => void)[] = [];
  readonly #signals: AbortController[] = [];
  #throws = false;
  #forget: () => void = () => {};
  /** Its socket now belongs to another party. */
  isOver = false;
  /** Calls that must be refused, and were not yet. */
  refusals = 0;

  constructor(
    name: string,
    socket: Socket,
    end: End,
    choices: Choices,
    violation: (what: string) => void,
  ) {
    this.name = name;
    this.socket = socket;
    this.end = end;
    this.#choices = choices;
    this.#violation = violation;
    this.account.words.push(undefined);
    this.#listen();
  }

  #listen(): void {
    const { socket, account } = this;
    const mayThrow = () => {
      if (!this.#throws) return;
      this.#throws = false;
      throw new Planted();
    };
    const listeners = {
      data: (chunk: Buffer) => {
        take(account, chunk);
        // It does not throw: a stream that flows stops then, as Node's own do.
      },
      disconnect: (word: Buffer | undefined) => {
        if (account.graceful) account.behindEnd = true;
        account.graceful = true;
        account.word = word;
        mayThrow();
      },
      end: mayThrow,
      error: (error: Error) => {
        if (this.isClosed)
          this.#violation(`${this.name}: an error behind close`);
        account.error = error;
      },
      close: () => {
        account.closed++;
        this.isClosed = true;
        mayThrow();
      },
    };
    for (const [event, listener] of Object.entries(listeners)) {
      socket.on(event, listener);
    }
    this.#forget = () => {
      for (const [event, listener] of Object.entries(listeners)) {
        socket.off(event, listener);
      }
    };
  }

  /** The socket moves on to its next connection. */
  retire(): Socket {
    this.isOver = true;
    this.#forget();
    this.socket.answer = undefined;
    return this.socket;
  }

  get canWrite(): boolean {
    const { socket } = this;
    return !socket.writableEnded && !socket.destroyed && !socket.connecting;
  }

  write(length: number): void {
    const { account, socket } = this;
    let isCalled = false;
    account.writes++;
    const octets = octetsFrom(account.written, length);
    account.written += length;
    const upTo = account.written;
    socket.write(octets, (error) => {
      account.callbacks++;
      account.calledTwice ||= isCalled;
      isCalled = true;
      if (error) return;
      if (this.end.out.tap.payload < upTo) {
        this.#violation(
          `${this.name}: told that ${upTo} octets are sent, the medium took ${this.end.out.tap.payload}`,
        );
      }
    });
  }

  throwOnce(): void {
    this.#throws = true;
  }

  /** Its words may be lost, if a failure is reported to it. */
  mayFail(): void {
    this.account.mayReset = true;
  }

  /** The same, including data that is under way. */
  isCut(): void {
    this.mayFail();
    this.account.aborted = true;
  }

  disconnect(length: number, options: object = {}): void {
    const word = wordOf(length);
    this.account.words.splice(0, 1, word);
    this.hasEnded = true;
    void this.#await(this.socket.disconnect(word, options));
  }

  disconnectUntilAborted(length: number): void {
    const controller = new AbortController();
    this.#signals.push(controller);
    this.disconnect(length, { signal: controller.signal });
  }

  get canAbort(): boolean {
    return this.#signals.some(({ signal }) => !signal.aborted);
  }

  abortSignal(): void {
    this.isCut();
    for (const controller of this.#signals) controller.abort();
  }

  async #await(answer: Promise<Buffer | undefined>): Promise<void> {
    try {
      this.account.resolved = { word: await answer };
    } catch (error) {
      const { account } = this;
      account.rejected = error as Error;
      // The error is reported here; for a deadline or a signal, only here.
      account.error ??= error as Error;
      account.left ||= !account.graceful;
    }
  }

  /** A call that must be refused, and leave nothing behind. */
  disconnectInVain(): void {
    this.refusals++;
    const { hasEnded } = this;
    void this.socket
      .disconnect(wordOf(hasEnded ? 7 : TOO_LONG))
      .then(
        () => this.#violation(`${this.name}: a vain disconnect() resolved`),
        () => 0,
      )
      .finally(() => this.refusals--);
  }

  endWithoutWord(): void {
    this.hasEnded = true;
    this.socket.end();
  }

  /** Closes at once. */
  destroy(): void {
    const { socket, account } = this;
    if (
      this.answering.length > 0 ||
      // Its own disconnect() is rejected then.
      (this.hasEnded && !account.resolved) ||
      socket.connecting
    ) {
      this.mayFail();
    }
    account.left ||= !account.graceful;
    socket.destroy();
  }

  abort(): void {
    this.isCut();
    // A party that had not ended has not ended now: nobody may get another report.
    if (!this.socket.writableEnded) this.account.words.length = 0;
    this.account.left ||= !this.account.graceful;
    this.socket.resetAndDestroy();
  }

  /** Answers later, as {@link answering} says. */
  setAnswer(length: number): void {
    const { socket, account } = this;
    const word = wordOf(length);
    socket.answer = () => {
      account.words.push(word);
      if (this.#choices.oneIn(2)) return word;
      return new Promise((resolve, reject) => {
        this.answering.push((how) => {
          if (how === 'give') resolve(word);
          else {
            this.mayFail();
            reject(new Planted());
          }
        });
      });
    };
  }

  /** Names a leftover, if there is one. */
  leftovers(): string | undefined {
    for (const { signal } of this.#signals) {
      const count = getEventListeners(signal, 'abort').length;
      if (count > 0) return `${count} listeners of a signal`;
    }
    if (this.refusals > 0) return `${this.refusals} vain calls not refused`;
    if (!this.isClosed) return 'a socket that is not closed';
    if (!this.end.stream.destroyed) return 'a stream that is not destroyed';
    return undefined;
  }
}
