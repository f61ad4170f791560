import { Chain, type Chained } from '../chain.js';
import type { Socket } from '../socket.js';
import type { Ending, Lingering, SocketHome } from '../socket/home.js';
import { tellConnectionError } from './connection-error.js';
import type { Listening } from './listening.js';
import { countEnding, type Counters } from './metrics.js';
import type { ServerOwner } from './owner.js';

/** A connection that a server has accepted, among all of its connections. */
class Connection implements Chained<Connection>, SocketHome {
  chain: object | undefined;
  previous: Connection | undefined;
  next: Connection | undefined;

  readonly #connections: Connections;
  socket: Socket | undefined;
  /** Since its socket is destroyed. */
  lingering: Lingering | undefined;
  isReleased = false;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  onword(direction: 'sent' | 'received'): void {
    const { counters } = this.#connections;
    if (direction === 'sent') counters.wordsSent++;
    else counters.wordsReceived++;
  }

  onwordlost(): void {
    this.#connections.counters.wordsLost++;
  }

  ondestroyed(lingering: Lingering, ending: Ending, error: Error | null): void {
    this.lingering = lingering;
    this.#connections.onDestroyed(this, ending, error);
  }

  onerror(error: Error): boolean {
    return this.#connections.onError(this, error);
  }

  onreleased(): void {
    this.isReleased = true;
    this.#connections.onReleased(this);
  }
}

/**
 * The connections of a server. It is closed once all are gone, and none of
 * their last words is still on its way.
 */
export class Connections {
  readonly #server: ServerOwner;
  readonly #listening: Listening;
  readonly #maxLingering: number;
  readonly counters: Counters;
  readonly #open = new Chain<Connection>();
  /** Destroyed, but not finished. */
  readonly #lingering = new Chain<Connection>();
  /** A `close` is due once none is left. */
  #isDue = false;
  /** It comes in the next tick. */
  #isScheduled = false;
  /** Drains that wait for the end. */
  #waiting: (() => void)[] = [];

  /** @param maxLingering beyond it the oldest is cut off. */
  constructor(
    server: ServerOwner,
    listening: Listening,
    counters: Counters,
    maxLingering: number,
  ) {
    this.#server = server;
    this.#listening = listening;
    this.counters = counters;
    this.#maxLingering = maxLingering;
  }

  get size(): number {
    return this.#open.size;
  }

  /** The number of closed connections that still send. */
  get lingering(): number {
    return this.#lingering.size;
  }

  get sockets(): Socket[] {
    return Array.from(this.#open, ({ socket }) => socket!);
  }

  /** @param make makes the Socket of a connection, given its home. */
  add(make: (home: SocketHome) => Socket): Socket {
    const connection = new Connection(this);
    this.#open.add(connection);
    connection.socket = make(connection);
    return connection.socket;
  }

  onError({ socket }: Connection, error: Error): boolean {
    return tellConnectionError(this.#server, socket!, error);
  }

  onDestroyed(
    connection: Connection,
    ending: Ending,
    error: Error | null,
  ): void {
    const { counters } = this;
    const socket = connection.socket!;
    countEnding(counters, ending, error);
    if (ending === 'ended' && socket.disconnectData) counters.answered++;
    counters.bytesRead += socket.bytesRead;
    counters.bytesWritten += socket.bytesWritten;
    this.#open.delete(connection);
    if (!connection.isReleased) this.#lingering.add(connection);
    if (this.#lingering.size > this.#maxLingering) {
      this.#cut(this.#lingering.first!);
    }
    this.emitCloseIfNoneIsLeft();
  }

  onReleased(connection: Connection): void {
    this.#lingering.delete(connection);
    this.emitCloseIfNoneIsLeft();
  }

  /** @returns how many lingered; they are no longer waited for. */
  cutLingering(): number {
    const { size } = this.#lingering;
    for (const connection of this.#lingering) this.#cut(connection);
    return size;
  }

  #cut({ lingering, socket }: Connection): void {
    this.counters.lingeringCut++;
    lingering!.cut(socket!);
  }

  /** From here on `close` comes when the last one is gone. */
  expectClose(): void {
    this.#isDue = true;
  }

  /** Its `close` is still to come. */
  get isClosing(): boolean {
    return this.#isDue || this.#isScheduled;
  }

  /** Resolves when `close` is emitted, or at once if none is to come. */
  async closed(): Promise<void> {
    if (!this.isClosing) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Once for each {@link expectClose}. */
  emitCloseIfNoneIsLeft(): void {
    if (!this.#isDue || this.#listening.isOpen) return;
    if (this.#open.size > 0 || this.#lingering.size > 0) return;
    this.#isDue = false;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      for (const resolve of this.#waiting.splice(0)) resolve();
      this.#server.emit('close');
    });
  }
}
