/** A member of one {@link Chain} at a time: it holds the chain's links. */
export interface Chained<T> {
  /** The chain that it is in. */
  chain: object | undefined;
  previous: T | undefined;
  next: T | undefined;
}

/**
 * Members in order of arrival; each can be taken out at once.
 *
 * A Set would retain memory: when it grows or shrinks, its old table points to
 * the new one. While connections come and go, a table sooner or later reaches
 * the old generation; from then on the garbage collector keeps every later
 * table alive, with all connections that were in it, until the next full
 * collection. A member that has left a chain points to nothing.
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

  /** Its present members; what is done with one may take others out. */
  *[Symbol.iterator](): Generator<T, undefined> {
    const members: T[] = [];
    for (let at = this.first; at; at = at.next) members.push(at);
    for (const member of members) if (member.chain === this) yield member;
  }
}
