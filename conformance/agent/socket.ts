import {
  FD_ACCEPT,
  FD_ACCEPT_BIT,
  FD_CLOSE,
  FD_CLOSE_BIT,
  FD_CONNECT,
  FD_CONNECT_BIT,
  FD_READ,
  FD_READ_BIT,
  FD_WRITE,
  FD_WRITE_BIT,
} from '../../src/vocabulary/constants.js';
import { winsockErrorName } from '../../src/vocabulary/error-codes.js';
import type { Qos } from '../../src/vocabulary/qos.js';
import type { IndicationMessage } from '../protocol/messages.js';
import type { Calls } from './calls.js';

/** The events of a socket, in the order in which they are reported. */
const events = [
  { name: 'FD_CONNECT', flag: FD_CONNECT, bit: FD_CONNECT_BIT },
  { name: 'FD_ACCEPT', flag: FD_ACCEPT, bit: FD_ACCEPT_BIT },
  { name: 'FD_READ', flag: FD_READ, bit: FD_READ_BIT },
  { name: 'FD_WRITE', flag: FD_WRITE, bit: FD_WRITE_BIT },
  { name: 'FD_CLOSE', flag: FD_CLOSE, bit: FD_CLOSE_BIT },
] as const;

const ALL = FD_CONNECT | FD_ACCEPT | FD_READ | FD_WRITE | FD_CLOSE;

export type Indication = Pick<IndicationMessage, 'event' | 'error'>;

/** A notice's contents, in the form of results. */
export interface Notice {
  data: string | null;
  code: number | null;
}

/** Winsock's name of a status; `null` for 0. */
export function errorName(status: number): string | null {
  return status === 0 ? null : (winsockErrorName(status) ?? `WSA_${status}`);
}

export type Handle = ReturnType<Calls['WSASocket']>;

/** A socket of the agent, with its pending indications. */
export class AgentSocket {
  readonly name: string;
  readonly handle: Handle;
  /** The buffer that WSAConnect fills with callee data. */
  calleeData: { buf: Buffer; len: number } | undefined;
  /** Passed to WSAConnect, which updates it. */
  sqos: Qos | undefined;

  readonly #calls: Calls;
  readonly #report: (socket: string, indication: Indication) => void;
  readonly #waiting: Indication[] = [];
  readonly #notices: Notice[] = [];
  /** Sockets whose events signal this one's event object. */
  readonly #heirs: AgentSocket[] = [];
  #wake: (() => void)[] = [];

  /** @param from the listener whose event selection is left as inherited. */
  constructor(
    name: string,
    handle: Handle,
    calls: Calls,
    report: (socket: string, indication: Indication) => void,
    from?: AgentSocket,
  ) {
    this.name = name;
    this.handle = handle;
    this.#calls = calls;
    this.#report = report;
    calls.selectNotices(handle, (data, code) => {
      this.#notices.push({
        data: data ? Buffer.from(data).toString('hex') : null,
        code: code ?? null,
      });
      this.#changed();
    });
    if (from) {
      from.#heirs.push(this);
      this.#enumerate();
      return;
    }
    const event = calls.WSACreateEvent(() => {
      this.#enumerate(event);
      for (const heir of this.#heirs) heir.#enumerate();
    });
    calls.WSAEventSelect(handle, event, ALL);
  }

  /** @param event to be reset; null if it is another socket's. */
  #enumerate(event: ReturnType<Calls['WSACreateEvent']> | null = null): void {
    const found = { networkEvents: 0, errorCode: [] as number[] };
    if (this.#calls.WSAEnumNetworkEvents(this.handle, event, found) !== 0) {
      return;
    }
    for (const { name, flag, bit } of events) {
      if ((found.networkEvents & flag) === 0) continue;
      const error = errorName(found.errorCode[bit] ?? 0);
      this.#waiting.push({ event: name, error });
      this.#report(this.name, { event: name, error });
    }
    this.#changed();
  }

  #changed(): void {
    const woken = this.#wake;
    this.#wake = [];
    for (const wake of woken) wake();
  }

  /** Waits for the next notice of the peer, and takes it. */
  async notice(): Promise<Notice> {
    for (;;) {
      const found = this.#notices.shift();
      if (found) return found;
      await this.changed();
    }
  }

  /** Takes the next indication of a kind; `undefined`: not yet. */
  take(event: string): Indication | undefined {
    const at = this.#waiting.findIndex((one) => one.event === event);
    return at === -1 ? undefined : this.#waiting.splice(at, 1)[0];
  }

  /** Resolves at the next indication or notice. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake.push(resolve);
    });
  }

  /** Waits for an indication, at most `within` milliseconds if given. */
  async wait(event: string, within?: number): Promise<Indication | undefined> {
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const limit =
      within === undefined
        ? undefined
        : new Promise<void>((resolve) => {
            timer = setTimeout(() => {
              late.abort();
              resolve();
            }, within);
          });
    try {
      for (;;) {
        const found = this.take(event);
        if (found || late.signal.aborted) return found;
        await (limit ? Promise.race([this.changed(), limit]) : this.changed());
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
