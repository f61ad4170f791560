import { Chain, type Chained } from '../../chain.js';
import type { Address } from '../provider.js';
import { shareOf } from './share.js';

/** The handshake in a {@link Place}. */
export interface Handshake {
  /** Another caller needs the place: it ends at once, without a report. */
  giveWay(): void;
  /** The listener is closed. */
  close(): unknown;
}

/** Held by a connection from its arrival until its verdict. */
export class Place implements Chained<Place> {
  handshake: Handshake | undefined;
  /** The turn of the loop in which that began. */
  begun = 0;
  /**
   * When the work before framing began, by `performance.now()`; unused if there
   * is no such work.
   */
  since: number | undefined;
  /** The callers to whose share it counts ({@link shareOf}). */
  share: string | undefined;
  isFree = false;

  chain: object | undefined;
  previous: Place | undefined;
  next: Place | undefined;
}

/**
 * The time left for a whole handshake: a header, TLS and
 * CONNECT together.
 *
 * @param place of the work before, if any.
 * @param milliseconds for all of it; 0: no limit.
 * @returns 0: no limit.
 */
export function timeLeft(
  place: Place | undefined,
  milliseconds: number,
): number {
  const since = place?.since;
  if (since === undefined || milliseconds === 0) return milliseconds;
  return Math.max(1, milliseconds - (performance.now() - since));
}

/**
 * The address costs a system call, and is read only if addresses are limited.
 */
interface Caller {
  readonly remoteAddress: Address | undefined;
}

/**
 * The places of callers without a verdict, whether in a proxy's header, inside
 * TLS, or before or after their CONNECT. Their number is bounded, and so is the
 * share of one address, or of an IPv6 network.
 */
export class Places {
  readonly #most: number;
  readonly #mostPerAddress: number;
  /** Places whose caller has yet to speak, oldest first. */
  readonly #handshakes = new Chain<Place>();
  /** The number of places of each share, if these are limited. */
  readonly #shares = new Map<string, number>();
  readonly #turns = new Turns();
  #taken = 0;
  #overLimit = 0;

  /** @param mostPerAddress 0: no limit. */
  constructor(most: number, mostPerAddress: number) {
    this.#most = most;
    this.#mostPerAddress = mostPerAddress;
  }

  /** Handshakes under way. */
  get underWay(): number {
    return this.#handshakes.size;
  }

  /** The number that were turned away, or gave way. */
  get overLimit(): number {
    return this.#overLimit;
  }

  /**
   * @param caller the caller, if known by now.
   * @param place of the work before, which is done.
   * @returns `undefined`: all places are taken, and that is counted.
   */
  take(
    handshake: Handshake,
    caller?: Caller,
    place = this.#takeNew(),
  ): Place | undefined {
    if (!place) return undefined;
    place.handshake = handshake;
    place.begun = this.#turns.now(this.#taken * FEW > this.#most);
    // After all that have begun.
    this.#handshakes.delete(place);
    this.#handshakes.add(place);
    return !caller || this.#share(place, caller) ? place : undefined;
  }

  #takeNew(): Place | undefined {
    if (this.#taken >= this.#most && !this.#makeRoom()) {
      this.#overLimit++;
      return undefined;
    }
    this.#taken++;
    return new Place();
  }

  /** @returns whether there is room in the caller's share. */
  #share(place: Place, caller: Caller): boolean {
    if (this.#mostPerAddress === 0 || place.share !== undefined) return true;
    const { remoteAddress } = caller;
    // A pipe's callers have none.
    if (!remoteAddress || remoteAddress.family === 'unix') return true;
    const share = shareOf(remoteAddress.address);
    const taken = this.#shares.get(share) ?? 0;
    if (taken >= this.#mostPerAddress) {
      this.#overLimit++;
      this.free(place);
      return false;
    }
    this.#shares.set(share, taken + 1);
    place.share = share;
    return true;
  }

  /** Its CONNECT has come: it no longer gives way. */
  settle(place: Place): void {
    this.#handshakes.delete(place);
  }

  /** @returns whether a handshake was under way in it. */
  free(place: Place): boolean {
    if (place.isFree) return false;
    place.isFree = true;
    this.#taken--;
    const { share } = place;
    if (share !== undefined) {
      const left = this.#shares.get(share)! - 1;
      if (left > 0) this.#shares.set(share, left);
      else this.#shares.delete(share);
    }
    return this.#handshakes.delete(place);
  }

  /** Ends the handshakes that are under way. */
  close(): void {
    for (const { handshake } of this.#handshakes) handshake!.close();
  }

  /**
   * The handshake that has taken longest gives way: an honest caller needs a
   * round trip or two, and a caller that sends an octet a second cannot keep it
   * out. A handshake does not give way if its input may have arrived and not
   * been read yet.
   */
  #makeRoom(): boolean {
    const oldest = this.#handshakes.first;
    if (!oldest || !this.#turns.isHeard(oldest.begun)) return false;
    this.#overLimit++;
    this.free(oldest);
    oldest.handshake!.giveWay();
    return true;
  }
}

/**
 * Until the data that comes with a connection is read: in the turn after its
 * own.
 */
const UNTIL_HEARD = 2;

/**
 * While at most one place in so many is taken, counting turns costs more than it
 * gains.
 */
const FEW = 4;

/**
 * Counts turns of the loop while it matters. A handshake that began uncounted
 * counts as begun when counting resumes, which only makes it give way later.
 */
class Turns {
  #now = 0;
  #until = 0;

  now(counts: boolean): number {
    if (counts) {
      if (this.#now === this.#until) setImmediate(count, this);
      this.#until = this.#now + UNTIL_HEARD;
    }
    return this.#now;
  }

  isHeard(begun: number): boolean {
    return this.#now - begun >= UNTIL_HEARD;
  }

  count(): void {
    if (++this.#now < this.#until) setImmediate(count, this);
  }
}

function count(turns: Turns): void {
  turns.count();
}
