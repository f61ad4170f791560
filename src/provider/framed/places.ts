import { Chain, type Chained } from '../../chain.js';
import type { Address } from '../provider.js';

/** The handshake in a {@link Place}. */
export interface Handshake {
  /** The place is wanted for another: it ends at once, and tells nothing. */
  giveWay(): void;
  /** The listener is closed. */
  close(): unknown;
}

/** Held by a connection from its arrival until its verdict. */
export class Place implements Chained<Place> {
  handshake: Handshake | undefined;
  /** In which of the loop's turns that has begun. */
  begun = 0;
  /**
   * When what comes before framing began, by `performance.now()`; where there is
   * no such thing nobody asks.
   */
  since: number | undefined;
  /** The address of callers in whose share it is. */
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
 * @param place of what came before, if anything did.
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

/** Its address, which costs a system call, is asked for where that is limited. */
interface Caller {
  readonly remoteAddress: Address | undefined;
}

/**
 * The places of those who have come in and have no verdict, be they in a proxy's
 * header, inside TLS, before their CONNECT or behind it. They are bounded, and
 * so is the share of one address.
 */
export class Places {
  readonly #most: number;
  readonly #mostPerAddress: number;
  /** In which somebody is still to speak, those who began first in front. */
  readonly #handshakes = new Chain<Place>();
  /** Places that the callers of an address have, where these are limited. */
  readonly #shares = new Map<string, number>();
  readonly #turns = new Turns();
  #taken = 0;
  #overLimit = 0;

  /** @param mostPerAddress 0: no limit. */
  constructor(most: number, mostPerAddress: number) {
    this.#most = most;
    this.#mostPerAddress = mostPerAddress;
  }

  /** Handshakes that are under way. */
  get underWay(): number {
    return this.#handshakes.size;
  }

  /** How many were turned away, or gave way. */
  get overLimit(): number {
    return this.#overLimit;
  }

  /**
   * @param caller who has called, if that is known by now.
   * @param place what the handshake goes on in: the one before it is done.
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
    // Behind all those that have begun.
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
    const { address } = remoteAddress;
    const taken = this.#shares.get(address) ?? 0;
    if (taken >= this.#mostPerAddress) {
      this.#overLimit++;
      this.free(place);
      return false;
    }
    this.#shares.set(address, taken + 1);
    place.share = address;
    return true;
  }

  /** Its CONNECT is in: it gives way to nobody. */
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
   * round trip or two, and who sends an octet a second cannot keep it out. None
   * does that may have sent all of it, and was not heard yet.
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

/** Until what comes with a connection is read: in the turn behind its own. */
const UNTIL_HEARD = 2;

/** While no more than one place in so many is taken, turns cost more than they tell. */
const FEW = 4;

/**
 * Counts turns of the loop for as long as it matters. What began uncounted
 * counts as begun when counting goes on: it is heard later than it could be.
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
