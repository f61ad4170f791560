import { Duplex } from 'node:stream';

const PREFACE_LENGTH = 8;
const HEADER_LENGTH = 4;

/** An item sent by one end: a whole preface or frame, or its FIN. */
export type Sent = Buffer | 'fin';

/**
 * One end of a connection in memory whose arrivals the test controls: each frame, each
 * FIN, and the moment at which the medium is gone.
 */
export class ControlledDuplex extends Duplex {
  /** Sent and not read by the other end, oldest first. */
  readonly sent: Sent[] = [];
  peer!: ControlledDuplex;
  /** Changes a preface on its way. */
  preface: (octets: Buffer) => Buffer = (octets) => octets;

  #octets = Buffer.alloc(0);
  #prefaceSeen = false;
  #letGo: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: true });
  }

  override _read(): void {}

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: () => void,
  ): void {
    this.#octets = Buffer.concat([this.#octets, chunk]);
    this.#cutIntoFrames();
    callback();
  }

  override _final(callback: () => void): void {
    this.#put('fin');
    callback();
  }

  /** The test says when the medium is gone: {@link letGo}. */
  override _destroy(
    error: Error | null,
    callback: (error?: Error | null) => void,
  ): void {
    this.#letGo = () => {
      callback(error);
    };
  }

  #cutIntoFrames(): void {
    for (;;) {
      const octets = this.#octets;
      const length = this.#prefaceSeen
        ? HEADER_LENGTH +
          (octets.length < HEADER_LENGTH ? 0 : octets.readUIntBE(1, 3))
        : PREFACE_LENGTH;
      if (octets.length < length) return;
      this.#octets = octets.subarray(length);
      const item = octets.subarray(0, length);
      this.#put(this.#prefaceSeen ? item : this.preface(item));
      this.#prefaceSeen = true;
    }
  }

  /** Drops items for a destroyed peer. */
  #put(item: Sent): void {
    if (!this.peer.destroyed) this.sent.push(item);
  }

  /** Makes this end read the next item that the other sent. */
  arrive(): Sent | undefined {
    const item = this.peer.sent.shift();
    if (item !== undefined) this.push(item === 'fin' ? null : item);
    return item;
  }

  /** Makes a reset arrive. */
  break(): void {
    this.peer.sent.length = 0;
    this.destroy(
      Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
    );
    this.letGo();
  }

  /** Removes this end's medium. @returns whether it was ended. */
  letGo(): boolean {
    const letGo = this.#letGo;
    this.#letGo = undefined;
    letGo?.();
    return letGo !== undefined;
  }
}

export function controlledPair(): [ControlledDuplex, ControlledDuplex] {
  const ends: [ControlledDuplex, ControlledDuplex] = [
    new ControlledDuplex(),
    new ControlledDuplex(),
  ];
  ends[0].peer = ends[1];
  ends[1].peer = ends[0];
  return ends;
}
