import { medianOf } from '../support/statistics.js';
import type { Done, Work } from '../support/work.js';

/** Exchanges under way at a time. */
export const IN_FLIGHT = 64;

/** The four words of an exchange, all of the same length. */
export type Speaker = 'caller' | 'callee' | 'client' | 'server';

/** The word of a speaker in the exchange with this number. */
export function word(speaker: Speaker, id: number): string {
  return `${speaker} ${String(id).padStart(8, '0')}`;
}

/** The exchange that a caller's first word belongs to. */
export function idOf(callerData: string | undefined): number {
  const id = Number(callerData?.slice('caller '.length));
  expectWord('caller', id, callerData);
  return id;
}

/** @throws unless this is the speaker's word in this exchange. */
export function expectWord(
  speaker: Speaker,
  id: number,
  heard: string | undefined,
): void {
  const said = word(speaker, id);
  if (heard !== said) {
    throw new Error(`the ${speaker} said "${said}", but "${heard}" arrived`);
  }
}

/**
 * Turns of the loop in which both sides of the last connection learn of FIN and
 * give up their handles, which is no part of the next one's connect.
 */
const TEARDOWN = 4;

function afterTurns(turns: number, then: () => void): void {
  if (turns === 0) then();
  else setImmediate(afterTurns, turns - 1, then);
}

/**
 * The exchanges under way. One is over when both its sides are closed, and each
 * has received all that the other said.
 */
export class Exchanges {
  readonly #underWay = new Map<
    number,
    { done: Done; openSides: number; began: number }
  >();
  #last = 0;
  /** Milliseconds that each caller waited for the callee's word, if that is asked. */
  #waits: number[] | undefined;

  /**
   * The work of making them.
   *
   * @param lanes how many are under way at a time. For a single one it reports the
   * time of a connect: with more, each would wait for the others.
   */
  work(lanes: number, begin: (done: Done) => void): Work {
    if (lanes > 1) {
      return {
        lanes,
        run: (_lane, done) => {
          begin(done);
        },
      };
    }
    const waits: number[] = [];
    this.#waits = waits;
    return {
      lanes,
      run: (_lane, done) => {
        afterTurns(TEARDOWN, () => {
          begin(done);
        });
      },
      latency: () => medianOf(waits.splice(0)) * 1000,
    };
  }

  /** @returns the exchange's number. */
  begin(done: Done): number {
    const id = ++this.#last;
    this.#underWay.set(id, { done, openSides: 2, began: performance.now() });
    return id;
  }

  /** The caller has the callee's word. */
  accepted(id: number): void {
    const exchange = this.#underWay.get(id);
    if (exchange) this.#waits?.push(performance.now() - exchange.began);
  }

  /** One side is closed. */
  closed(id: number): void {
    const exchange = this.#underWay.get(id);
    if (!exchange || --exchange.openSides > 0) return;
    this.#underWay.delete(id);
    exchange.done();
  }

  /** Without a number (the caller failed to connect), all have failed. */
  failed(id: number | undefined, error: Error): void {
    const failed = id === undefined ? [...this.#underWay.keys()] : [id];
    for (const each of failed) {
      const exchange = this.#underWay.get(each);
      this.#underWay.delete(each);
      exchange?.done(error);
    }
  }
}
