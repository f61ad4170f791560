import type { WinsockLoop } from './loop.js';

/** Keeps the process alive while something is open, unless that is unref'd. */
export class Hold {
  readonly #loop: WinsockLoop;
  #isOpen = false;
  #isUnref = false;
  #holds = false;

  constructor(loop: WinsockLoop) {
    this.#loop = loop;
  }

  open(): void {
    this.#isOpen = true;
    this.#apply();
  }

  close(): void {
    this.#isOpen = false;
    this.#apply();
  }

  ref(): void {
    this.#isUnref = false;
    this.#apply();
  }

  unref(): void {
    this.#isUnref = true;
    this.#apply();
  }

  #apply(): void {
    const holds = this.#isOpen && !this.#isUnref;
    if (holds === this.#holds) return;
    this.#holds = holds;
    if (holds) this.#loop.hold();
    else this.#loop.letGo();
  }
}
