/** A member of one {@link Chain} at a time: it holds the chain's links. */
export interface Chained<T> {
  /** The chain that it is in. */
  chain: object | undefined;
  previous: T | undefined;
  next: T | undefined;
}

/**
 * Members in the order in which they came; each can be taken out at once.
 *
 * Why it is no Set: when one grows or shrinks, its old table points to the new
 * one. Where connections come and go all the time a table gets old sooner or
 * later, and from then on the garbage collector takes all tables that follow it
 * for alive, with each connection that was in them, until it next looks at the
 * whole heap. What has left a chain points to nothing.
 */
export class Chain<T extends Chained<T>> {
  first: T | undefined;
  #last: T | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(member: T): void {
    const last = this.#last;
    member.chain = this;
    member.previous = last;
    if (last) last.next = member;
    else this.first = member;
    this.#last = member;
    this.#size++;
  }

  /** @returns whether it was in this chain. */
  delete(member: T): boolean {
    if (member.chain !== this) return false;
    const { previous, next } = member;
    if (previous) previous.next = next;
    else this.first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    member.chain = undefined;
    member.previous = undefined;
    member.next = undefined;
    this.#size--;
    return true;
  }

  /** Those that are in it now; what is done with one may take others out. */
  *[Symbol.iterator](): Generator<T, undefined> {
    const members: T[] = [];
    for (let at = this.first; at; at = at.next) members.push(at);
    for (const member of members) if (member.chain === this) yield member;
  }
}
