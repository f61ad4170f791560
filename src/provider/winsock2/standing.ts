import {
  FD_CLOSE,
  FD_CLOSE_BIT,
  FD_READ,
  FD_WRITE,
  MSG_PARTIAL,
  SO_DISCOPT,
} from '../../vocabulary/constants.js';
import {
  WSA_IO_PENDING,
  WSA_OPERATION_ABORTED,
  WSAECONNABORTED,
  WSAECONNRESET,
  WSAEDISCON,
  WSAEFAULT,
  WSAENETRESET,
  WSAENOPROTOOPT,
  WSAESHUTDOWN,
  WSAEWOULDBLOCK,
  winsockErrorName,
  type Status,
} from '../../vocabulary/error-codes.js';
import type { Inbox } from '../inbox.js';
import { LingerWatch, type Lingering } from '../linger-watch.js';
import type { Done, Failure, SocketOptions } from '../provider.js';
import type { WinsockLoop } from './loop.js';
import { Options } from './options.js';
import { Outbox } from './outbox.js';

/** Network events of a connection. */
export const CONNECTION_EVENTS = FD_READ | FD_WRITE | FD_CLOSE;

/** The longest disconnect data to request if less does not suffice. */
const MOST_USER_DATA = 65_535;

/** Receives in a row; FD_READ comes again if there is more. */
const RECEIVES = 16;

export interface StandingHost {
  readonly inbox: Inbox;
  readonly messageOriented: boolean;
  /** The provider declares disconnect data. */
  readonly carriesLastWord: boolean;
  readonly options: Readonly<SocketOptions>;
  onWritable(): void;
  onFailure(failure: Failure): void;
  /** It does not keep the process alive. */
  unref(): void;
  /** After close: it is gone. */
  onReleased(): void;
}

/**
 * An open connection, until its end. Data is received at once and waits in the
 * inbox, which keeps the contract's order (rows 7 to 9) where Winsock leaves it
 * open.
 */
export class Standing implements Lingering {
  receivedDisconnectOptions: Uint8Array | undefined;

  readonly #loop: WinsockLoop;
  readonly #id: number;
  readonly #host: StandingHost;
  readonly #inbox: Inbox;
  readonly #options: Options;
  readonly #outbox: Outbox;

  #isPaused = false;
  /** The end of data, or a reset, has been received. */
  #isEnded = false;
  /** FD_CLOSE came, with this; data may be unread still. */
  #closeStatus: Status | undefined;
  /** Parts of an incomplete message. */
  #parts: Buffer[] = [];

  /** Sending has ended ... */
  #isShut = false;
  /** ... and this is sent after the waiting data. */
  #lastWord: (() => Status) | undefined;
  #lastWordDone: Done | undefined;
  #isBroken = false;
  /** Our last word has data. */
  #hasWord = false;

  #isClosing = false;
  #isReleased = false;
  #watch: LingerWatch | undefined;

  constructor(loop: WinsockLoop, id: number, host: StandingHost) {
    const { messageOriented, options } = host;
    this.#loop = loop;
    this.#id = id;
    this.#host = host;
    this.#inbox = host.inbox;
    this.#options = new Options(loop.native, id);
    this.#outbox = new Outbox(
      loop.native,
      id,
      messageOriented,
      options.sendBuffer,
    );
  }

  /** It has its owner: earlier data is received. */
  begin(): void {
    this.#receive();
  }

  onNetworkEvents(events: number, errors: Int32Array): void {
    if ((events & FD_WRITE) !== 0) this.#flush();
    if ((events & FD_CLOSE) !== 0) {
      this.#closeStatus ??= errors[FD_CLOSE_BIT]!;
    }
    if ((events & (FD_READ | FD_CLOSE)) !== 0) this.#receive();
  }

  // -- receiving --------------------------------------------------------------

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    // Not inside the application's own receive.
    process.nextTick(receive, this);
  }

  receiveSoon(): void {
    this.#receive();
  }

  #receive(): void {
    for (
      let left = RECEIVES;
      left > 0 || this.#closeStatus !== undefined;
      left--
    ) {
      if (this.#isEnded || this.#isPaused || this.#isReleased) return;
      const status = this.#receiveOnce();
      if (status === 0) continue;
      if (status !== WSAEWOULDBLOCK) this.#end(status);
      else if (this.#closeStatus !== undefined) {
        // A provider that has no data and does not report the end.
        this.#end(this.#closeStatus || WSAEDISCON);
      }
      return;
    }
  }

  /** 0: data was received; WSAEDISCON: the end of data. */
  #receiveOnce(): Status {
    const { messageOriented, options } = this.#host;
    const room = this.#loop.room(
      messageOriented ? options.messageLimit + 1 : 1,
    );
    const got = this.#loop.native.receive(this.#id, room, this.#loop.flags);
    if (got < 0) return -got;
    if (!messageOriented) {
      if (got === 0) return WSAEDISCON;
      this.#deliver(Buffer.from(room.subarray(0, got)));
      return 0;
    }
    this.#parts.push(Buffer.from(room.subarray(0, got)));
    if ((this.#loop.flags[0]! & MSG_PARTIAL) !== 0) return 0;
    const message = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#deliver(message);
    return 0;
  }

  #deliver(data: Buffer): void {
    // While it lingers, input is dropped.
    if (!this.#isClosing) this.#inbox.deliver(data);
  }

  /** @param status WSAEDISCON for a graceful end. */
  #end(status: Status): void {
    this.#isEnded = true;
    if (status === WSAEDISCON) {
      this.#inbox.hearClose(0, this.#receiveLastWord());
    } else {
      const reset = resets.has(status) ? WSAECONNRESET : status;
      this.#isBroken = true;
      this.#host.onFailure({
        status: reset,
        detail:
          reset === status
            ? undefined
            : `the provider reported ${winsockErrorName(status)}`,
      });
      this.#inbox.hearClose(reset);
      this.#dropUnsent(reset);
    }
    this.#releaseIfDone();
  }

  /**
   * WSARecvDisconnect, once: whether a provider keeps data that did not fit, or
   * returns it twice, is unspecified, so it is kept here.
   */
  #receiveLastWord(): Uint8Array | undefined | Status {
    const { native } = this.#loop;
    const { userDataLimit } = this.#host.options;
    let found = native.receiveDisconnect(this.#id, userDataLimit);
    if (found === WSAEFAULT) {
      found = native.receiveDisconnect(this.#id, MOST_USER_DATA);
    }
    if (typeof found === 'number') {
      // Without declared disconnect data, none can have come.
      const isUndeclared =
        found === WSAENOPROTOOPT && !this.#host.carriesLastWord;
      return isUndeclared ? undefined : found;
    }
    if (this.#host.carriesLastWord) {
      this.receivedDisconnectOptions = this.#options.octets(SO_DISCOPT);
    }
    return found[0];
  }

  // -- sending ----------------------------------------------------------------

  get unsent(): number {
    return this.#outbox.unsent;
  }

  /** FIN goes with the last word, which waits for the data. */
  get left(): number {
    return this.unsent + (this.#lastWord ? 1 : 0);
  }

  /** Winsock reports a send when all of it is done. */
  readonly outstanding = 0;

  send(
    data: Uint8Array | readonly Uint8Array[],
    done: Done | undefined,
    isLast: boolean,
  ): Status {
    if (this.#isShut) return WSAESHUTDOWN;
    if (this.#isBroken) return WSAECONNRESET;
    const status = this.#outbox.send(data, done, isLast);
    return resets.has(status) ? WSAECONNRESET : status;
  }

  #flush(): void {
    if (this.#outbox.flush() !== 0) {
      // The reader of the connection gets the error.
      this.#isBroken = true;
      this.#dropUnsent(WSAECONNRESET);
      this.#releaseIfDone();
      return;
    }
    if (!this.#outbox.isEmpty) return;
    this.#sayLastWord();
    if (this.#outbox.drained()) this.#host.onWritable();
  }

  sendDisconnect(
    data: Uint8Array | undefined,
    options: Uint8Array | undefined,
    done: Done | undefined,
  ): Status {
    if (this.#isShut) return data?.length ? WSAESHUTDOWN : 0;
    if (this.#isBroken) return WSAECONNRESET;
    if (options) {
      const status = this.#options.setOctets(SO_DISCOPT, options);
      if (status !== 0) return status;
    }
    const word = data?.length ? data : undefined;
    this.#hasWord = word !== undefined || options !== undefined;
    const say = () => this.#loop.native.sendDisconnect(this.#id, word);
    if (this.#outbox.isEmpty) {
      const status = say();
      this.#isShut = status === 0;
      return status;
    }
    this.#isShut = true;
    this.#lastWord = say;
    this.#lastWordDone = done;
    return done ? WSA_IO_PENDING : 0;
  }

  /**
   * After the data. A last word that is refused by now still ends the
   * direction.
   */
  #sayLastWord(): void {
    const say = this.#lastWord;
    if (!say) return;
    this.#lastWord = undefined;
    const status = say();
    if (status !== 0) {
      this.#host.onFailure({
        status,
        detail: 'the provider refused the last word after the data',
      });
      this.#loop.native.sendDisconnect(this.#id, undefined);
    }
    this.#tellLastWord(status);
    this.#releaseIfDone();
  }

  #tellLastWord(status: Status): void {
    const done = this.#lastWordDone;
    this.#lastWordDone = undefined;
    done?.(status);
  }

  /** Drops all waiting data, and the last word. */
  #dropUnsent(status: Status): void {
    this.#lastWord = undefined;
    this.#outbox.fail(status);
    this.#tellLastWord(status);
  }

  // -- the end ----------------------------------------------------------------

  /**
   * @param linger SO_LINGER on, with its seconds; 0: abort.
   * @param options SO_DISCOPT, if no last word has been sent.
   */
  close(linger: number | undefined, options: Uint8Array | undefined): void {
    this.#isClosing = true;
    this.#inbox.discard();
    if (linger === 0) {
      this.cut();
      return;
    }
    // Options that the provider refuses must not hold back the FIN.
    if (this.sendDisconnect(undefined, options, undefined) !== 0) {
      this.sendDisconnect(undefined, undefined, undefined);
    }
    this.#isPaused = false;
    const isTotal = linger !== undefined;
    const limit = isTotal ? 1000 * linger : this.#host.options.lingerTimeout;
    if (limit > 0) {
      const isCourtesy = !isTotal && !this.#hasWord;
      this.#watch = new LingerWatch(this, limit, isTotal, isCourtesy);
    }
    // Reads on until the peer's end: unread octets would reset the connection,
    // and destroy the last word on its way (contract row 11).
    this.#receive();
    this.#releaseIfDone();
  }

  #releaseIfDone(): void {
    if (!this.#isClosing || !this.#isEnded) return;
    if (this.#isBroken || (this.#isShut && !this.#lastWord)) this.#release();
  }

  unref(): void {
    this.#host.unref();
  }

  cut(): void {
    this.#options.setAbortive();
    this.#release();
  }

  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#watch?.stop();
    this.#loop.forget(this.#id);
    this.#loop.native.close(this.#id);
    this.#dropUnsent(WSA_OPERATION_ABORTED);
    this.#host.onReleased();
  }
}

/** Winsock's codes for a lost connection (row 7: one code). */
const resets: ReadonlySet<Status> = new Set([
  WSAECONNABORTED,
  WSAECONNRESET,
  WSAENETRESET,
]);

function receive(standing: Standing): void {
  standing.receiveSoon();
}
