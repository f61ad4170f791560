import { getDefaultAutoSelectFamilyAttemptTimeout, isIP } from 'node:net';
import { TimeLimit } from '../time-limit.js';
import type { TcpTarget } from './provider.js';
import { resolve, together, type Candidate } from './resolve.js';
import { connectError, type Place } from './system-errors.js';

/** The local address to connect from; its port may be 0. */
type LocalEnd = Place & { port: number };

/** Connects to one address at a time. */
export interface Dialer {
  /** Whether it has sockets of that family. */
  supports(family: 4 | 6): boolean;
  /**
   * Connects to an address, and reports the outcome to the attempts.
   *
   * @returns the error of an immediate failure; then nothing else is reported.
   */
  connect(candidate: Candidate): Error | undefined;
  /** Forgets the connection under way, if there is one. */
  drop(): void;
  /** All attempts have failed. The last call. */
  onfailed(error: Error): void;
}

/**
 * Tries the addresses of a target's name one after the other, and emits events,
 * as `net` does.
 */
export class Attempts {
  readonly #target: TcpTarget;
  readonly #dialer: Dialer;
  readonly #isTimed: boolean;
  /** The first of them is being tried. */
  #candidates: Candidate[] = [];
  readonly #errors: Error[] = [];
  #limit: TimeLimit | undefined;
  #isOver = false;

  /**
   * @param isTimed whether an attempt gives way to the next one after a while:
   *  not if it takes as long as the callee's verdict.
   */
  constructor(target: TcpTarget, dialer: Dialer, isTimed: boolean) {
    this.#target = target;
    this.#dialer = dialer;
    this.#isTimed = isTimed;
  }

  /**
   * Starts in a later tick, as `net` does: the caller of connect may still add
   * listeners.
   *
   * @param atOnce starts now if the target is an address.
   * @returns the error of an immediate failure; then nothing else is reported.
   */
  start(atOnce = false): Error | undefined {
    const { host = 'localhost' } = this.#target;
    const family = isIP(host) as 0 | 4 | 6;
    if (family !== 0) {
      const candidates = [{ address: host, family }];
      if (atOnce) return this.#tryAll(candidates);
      process.nextTick(tryAll, this, candidates);
      return undefined;
    }
    resolve(
      this.#target,
      (event, ...about) => {
        this.#tell(event, ...about);
      },
      (error, candidates) => {
        if (!error) this.tryAll(candidates);
        else if (!this.#isOver) this.#giveUp(error);
      },
    );
    return undefined;
  }

  tryAll(candidates: Candidate[]): void {
    if (this.#isOver) return;
    const error = this.#tryAll(candidates);
    if (error) this.#giveUp(error);
  }

  /** The connection under way has failed. */
  fail(error: Error): void {
    this.#limit?.stop();
    if (this.#isOver) return;
    this.#note(error);
    this.#goOn();
  }

  /** @returns false: it was abandoned before. */
  succeed(): boolean {
    this.#limit?.stop();
    if (this.#isOver) return false;
    this.#isOver = true;
    return true;
  }

  /** Nothing more is reported. */
  abandon(): void {
    this.#isOver = true;
    this.#limit?.stop();
    this.#dialer.drop();
  }

  /** The local address of the connection under way, if the user gave one. */
  get local(): LocalEnd | undefined {
    const { localAddress, localPort = 0 } = this.#target;
    if (localAddress === undefined && localPort === 0) return undefined;
    const { family } = this.#candidates[0]!;
    const any = family === 6 ? '::' : '0.0.0.0';
    return { address: localAddress ?? any, port: localPort };
  }

  /**
   * The error of the connection under way.
   *
   * @param reason libuv's number, or a Node code.
   */
  errorOf(reason: number | string): Error {
    const { address } = this.#candidates[0]!;
    const { port } = this.#target;
    const { local } = this;
    // As in net: it is mentioned only with a port.
    return connectError(
      reason,
      { address, port },
      local?.port ? local : undefined,
    );
  }

  #tryAll(candidates: Candidate[]): Error | undefined {
    // The other family is tried only if no address is left.
    const possible = candidates.filter(({ family }) =>
      this.#dialer.supports(family),
    );
    this.#candidates = possible.length > 0 ? possible : candidates;
    return this.#try();
  }

  /** @returns the error of all attempts, once no address is left. */
  #try(): Error | undefined {
    while (!this.#isOver) {
      const [candidate] = this.#candidates;
      if (!candidate) {
        this.#isOver = true;
        return together(this.#errors);
      }
      this.#tellOfAttempt('connectionAttempt');
      // Its listener may abandon the connect, here and below.
      if (this.#isOver) break;
      const error = this.#dialer.connect(candidate);
      if (!error) {
        if (this.#isTimed && this.#candidates.length > 1) this.#startTimer();
        break;
      }
      this.#note(error);
    }
    return undefined;
  }

  #goOn(): void {
    const error = this.#try();
    if (error) this.#giveUp(error);
  }

  #giveUp(error: Error): void {
    this.#isOver = true;
    this.#dialer.onfailed(error);
  }

  #note(error: Error): void {
    this.#dialer.drop();
    this.#errors.push(error);
    this.#tellOfAttempt('connectionAttemptFailed', error);
    this.#candidates.shift();
  }

  #startTimer(): void {
    const { autoSelectFamilyAttemptTimeout } = this.#target;
    this.#limit = new TimeLimit(
      autoSelectFamilyAttemptTimeout ??
        getDefaultAutoSelectFamilyAttemptTimeout(),
      () => {
        this.#onTimeout();
      },
    );
  }

  #onTimeout(): void {
    this.#tellOfAttempt('connectionAttemptTimeout');
    if (this.#isOver) return;
    this.#dialer.drop();
    this.#errors.push(this.errorOf('ETIMEDOUT'));
    this.#candidates.shift();
    this.#goOn();
  }

  #tellOfAttempt(event: string, ...about: unknown[]): void {
    const { address, family } = this.#candidates[0]!;
    this.#tell(event, address, this.#target.port, family, ...about);
  }

  #tell(event: string, ...about: unknown[]): void {
    if (!this.#isOver) this.#target.onprogress?.(event, ...about);
  }
}

function tryAll(attempts: Attempts, candidates: Candidate[]): void {
  attempts.tryAll(candidates);
}
