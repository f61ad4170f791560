import {
  AF_INET,
  closesocket,
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
  INVALID_SOCKET,
  SOCKET_ERROR,
  SOL_SOCKET,
  SO_LINGER,
  SOCK_STREAM,
  WSAConnect,
  WSACreateEvent,
  WSAEnumNetworkEvents,
  WSAEventSelect,
  WSAEWOULDBLOCK,
  WSAGetLastError,
  WSAAccept,
  WSARecv,
  WSARecvDisconnect,
  WSASocket,
  bind,
  getsockname,
  listen,
  setsockopt,
  winsockErrorName,
  type ConditionFunction,
  type Qos,
  type SOCKADDR,
  type SOCKET,
  type WSABUF,
  type WSAEVENT,
  type WSASocketOptions,
} from '../../src/winsock/index.js';

const events = [
  { flag: FD_CONNECT, bit: FD_CONNECT_BIT },
  { flag: FD_ACCEPT, bit: FD_ACCEPT_BIT },
  { flag: FD_READ, bit: FD_READ_BIT },
  { flag: FD_WRITE, bit: FD_WRITE_BIT },
  { flag: FD_CLOSE, bit: FD_CLOSE_BIT },
];

const open = new Set<Party>();

/** For `t.afterEach`: aborts everything that a test left open. */
export function closeAll(): void {
  for (const party of open) party.abort();
  open.clear();
}

/** The name of the last error, for comparison. */
export function lastError(): string | undefined {
  return winsockErrorName(WSAGetLastError());
}

/** `0`, a count, or the name of the error that a call failed with. */
export function result(returned: number): number | string | undefined {
  return returned === SOCKET_ERROR ? lastError() : returned;
}

export function octets(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** A buffer of this size. */
export function room(length: number): WSABUF {
  return { buf: Buffer.alloc(length), len: length };
}

export function textOf({ buf, len }: WSABUF): string {
  return Buffer.from(buf.subarray(0, len)).toString('latin1');
}

/** A socket whose network events are awaited one by one. */
export class Party {
  readonly socket: SOCKET;
  readonly told: { event: number; error: number }[] = [];
  readonly event: WSAEVENT;
  #unread = 0;
  #waiting: (() => void) | undefined;

  constructor(socket: SOCKET) {
    if (socket === INVALID_SOCKET) throw new Error(`no socket: ${lastError()}`);
    this.socket = socket;
    this.event = WSACreateEvent(() => {
      this.#collect();
    });
    open.add(this);
    WSAEventSelect(
      socket,
      this.event,
      FD_CONNECT | FD_ACCEPT | FD_READ | FD_WRITE | FD_CLOSE,
    );
  }

  #collect(): void {
    const found = { networkEvents: 0, errorCode: [] as number[] };
    if (WSAEnumNetworkEvents(this.socket, this.event, found) !== 0) return;
    for (const { flag, bit } of events) {
      if (found.networkEvents & flag) {
        this.told.push({ event: flag, error: found.errorCode[bit]! });
      }
    }
    this.#waiting?.();
  }

  /** How often an event was reported. */
  count(event: number): number {
    return this.told.filter((one) => one.event === event).length;
  }

  /** The error (0, or its name) of the next `event`; others are passed by. */
  async next(event: number): Promise<number | string | undefined> {
    for (;;) {
      while (this.#unread < this.told.length) {
        const { event: one, error } = this.told[this.#unread++]!;
        if (one === event) return error === 0 ? 0 : winsockErrorName(error);
      }
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  /** Waits for a request, and takes it. */
  async accept(condition?: ConditionFunction): Promise<Party> {
    const found = await this.tryAccept(condition);
    if (typeof found === 'string') throw new Error(`not accepted: ${found}`);
    return found;
  }

  /** The accepted socket, or the name of the error. */
  async tryAccept(condition?: ConditionFunction): Promise<Party | string> {
    for (;;) {
      const socket = WSAAccept(this.socket, null, condition);
      if (socket !== INVALID_SOCKET) return new Party(socket);
      if (WSAGetLastError() !== WSAEWOULDBLOCK) return lastError()!;
      await this.next(FD_ACCEPT);
    }
  }

  /** Everything up to the end, and how it was reported. */
  async readAll(): Promise<{ text: string; end: number | string | undefined }> {
    const pieces: Buffer[] = [];
    for (;;) {
      const buffer = Buffer.alloc(65_536);
      const received = WSARecv(this.socket, buffer);
      if (received > 0) {
        pieces.push(buffer.subarray(0, received));
      } else if (received < 0 && WSAGetLastError() === WSAEWOULDBLOCK) {
        await new Promise<void>((resolve) => {
          this.#waiting = resolve;
        });
      } else {
        const end = result(received);
        return { text: Buffer.concat(pieces).toString('latin1'), end };
      }
    }
  }

  /** Reads the available data after FD_READ. */
  async read(): Promise<string> {
    await this.next(FD_READ);
    const buffer = Buffer.alloc(65_536);
    const received = WSARecv(this.socket, buffer);
    return buffer.toString('latin1', 0, Math.max(received, 0));
  }

  /** The peer's last word, at its close; its absence is ''. */
  async lastWord(): Promise<string> {
    await this.next(FD_CLOSE);
    return this.lastWordNow();
  }

  lastWordNow(): string {
    const buffer = room(65_535);
    const returned = WSARecvDisconnect(this.socket, buffer);
    return returned === 0 ? textOf(buffer) : String(lastError());
  }

  /** Returns at once, with the socket closed. */
  close(): number {
    open.delete(this);
    return closesocket(this.socket);
  }

  abort(): void {
    setsockopt(this.socket, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    this.close();
  }
}

export const anyPort: SOCKADDR = {
  family: AF_INET,
  address: '127.0.0.1',
  port: 0,
};

export interface Where {
  type?: number;
  name?: SOCKADDR;
  options?: WSASocketOptions | undefined;
}

export function newParty({ type, name, options }: Where = {}): Party {
  const { family } = name ?? anyPort;
  return new Party(WSASocket(family, type ?? SOCK_STREAM, 0, null, options));
}

export async function listening(where: Where = {}): Promise<Party> {
  const listener = newParty(where);
  const bound = bind(listener.socket, where.name ?? anyPort);
  if (bound !== 0 || (await listen(listener.socket, 128)) !== 0) {
    throw new Error(`cannot listen: ${lastError()}`);
  }
  return listener;
}

export interface Calling {
  callerData?: Uint8Array | undefined;
  calleeData?: WSABUF | undefined;
  sqos?: Qos | undefined;
  options?: WSASocketOptions | undefined;
}

/** A caller whose connect is under way. */
export function calling(
  listener: Party,
  type: number,
  { callerData, calleeData, sqos, options }: Calling = {},
): Party {
  const name = getsockname(listener.socket)!;
  const caller = newParty({ type, name, options });
  call(caller, name, { callerData, calleeData, sqos });
  return caller;
}

export function call(
  caller: Party,
  name: SOCKADDR,
  { callerData, calleeData, sqos }: Calling = {},
): void {
  const returned = WSAConnect(
    caller.socket,
    name,
    callerData,
    calleeData,
    sqos,
  );
  const expected =
    returned === SOCKET_ERROR && lastError() === 'WSAEWOULDBLOCK';
  if (!expected) throw new Error(`connect: ${returned}, ${lastError()}`);
}

/** A caller and a callee, connected. */
export async function connected(
  type: number = SOCK_STREAM,
  where: Where = {},
): Promise<{ caller: Party; callee: Party; listener: Party }> {
  const listener = await listening({ type, ...where });
  const caller = calling(listener, type, { options: where.options });
  const callee = await listener.accept();
  await caller.next(FD_CONNECT);
  return { caller, callee, listener };
}

/** Looks again each turn of the loop, for changes that no event reports. */
export async function until(test: () => boolean): Promise<void> {
  while (!test()) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
