// Longer than other files: a method for each function of Winsock2, and they share the
// sockets.

/**
 * Winsock2 in memory: implements the functions described in src/native-winsock.ts, with
 * one TCP/IPv4 provider (stream and messages) that carries connect and disconnect data.
 *
 * It is loaded in the addon's place (GOODBYTE_ADDON), so that the code above the addon
 * is tested on every system, in the ways in which providers differ (`habits`).
 */
import type {
  NativeDecide,
  NativeEntry,
  NativeName,
  NativeWinsock,
} from '../../../src/native-winsock.js';
import {
  AF_INET,
  CF_ACCEPT,
  CF_DEFER,
  CF_REJECT,
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
  IPPROTO_TCP,
  MSG_PARTIAL,
  SO_CONNOPT,
  SO_DISCOPT,
  SO_LINGER,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  XP1_CONNECT_DATA,
  XP1_DISCONNECT_DATA,
  XP1_GRACEFUL_CLOSE,
  XP1_GUARANTEED_DELIVERY,
  XP1_GUARANTEED_ORDER,
  XP1_MESSAGE_ORIENTED,
} from '../../../src/vocabulary/constants.js';
import {
  WSAEADDRINUSE,
  WSAECONNABORTED,
  WSAECONNREFUSED,
  WSAECONNRESET,
  WSAEDISCON,
  WSAEFAULT,
  WSAEINVALIDPROCTABLE,
  WSAEMSGSIZE,
  WSAENOPROTOOPT,
  WSAENOTCONN,
  WSAENOTSOCK,
  WSAEPROTONOSUPPORT,
  WSAESHUTDOWN,
  WSAEWOULDBLOCK,
  WSATRY_AGAIN,
} from '../../../src/vocabulary/error-codes.js';

/** Differences between providers; a test sets those that it needs. */
export const habits = {
  /** dwServiceFlags1 declares connect and disconnect data. */
  declares: true,
  /** User data is dropped, and success is reported. */
  drops: false,
  /** Octets that a send takes at a time, and that the peer buffers. */
  window: 256 * 1024,
  /** FD_CLOSE is reported while data is unread (trap 4). */
  closesEarly: false,
  /** The error that reports a reset (trap 15). */
  resetAs: WSAECONNRESET as number,
  /** Parts of this length make up a message (MSG_PARTIAL). */
  partLength: Number.POSITIVE_INFINITY,
  /** This reports a caller that left while deferred ... */
  departedAs: WSAECONNRESET as number,
  /** ... at the second look ... */
  departsLate: false,
  /** ... and is offered once more, without its name. */
  departsNameless: false,
  /** Further entries of the catalog. */
  more: [] as NativeEntry[],
  /** The error of opening a catalog entry; 0: success. */
  catalogStatus: 0,
  /** The error of reading the catalog; 0: success. */
  unreadable: 0,
  /** The error of a DLL's startup; 0: success. */
  libraryStatus: 0,
  librarySystemError: 0,
};

/** Sockets that are open, for tests that count them. */
export function openSockets(): number {
  return sockets.size;
}

interface Fake {
  id: number;
  type: number;
  mask: number;
  port: number;
  options: Map<number, Uint8Array>;
  /** Connections whose verdict has been sent. */
  backlog: Fake[] | undefined;
  peer: Fake | undefined;
  peerName: NativeName | undefined;
  callerData: Uint8Array | undefined;
  calleeCapacity: number;
  calleeData: Uint8Array | undefined;
  qos: Uint8Array | undefined;
  /** A connected caller, or an accepted one. */
  connected: boolean;
  /** Messages, or pieces of a stream. */
  inbound: Buffer[];
  finReceived: boolean;
  finSent: boolean;
  reset: boolean;
  lastWord: Uint8Array | undefined;
  lastWordOptions: Uint8Array | undefined;
  /** Network events that are recorded, with their errors. */
  events: number;
  errors: number[];
  /** Events that are not recorded again until a call re-enables them. */
  disabled: number;
}

const sockets = new Map<number, Fake>();
let ids = 0;
let ports = 49_152;
let tell: ((count: number) => void) | undefined;
let shared: Int32Array;
let isTelling = false;
/** Keeps the process alive, as the addon's handle would. */
let alive: NodeJS.Timeout | undefined;

const eventNumbers = 8;

function make(type: number, mask: number): Fake {
  const fake: Fake = {
    id: ids++,
    type,
    mask,
    port: 0,
    options: new Map(),
    backlog: undefined,
    peer: undefined,
    peerName: undefined,
    callerData: undefined,
    calleeCapacity: 0,
    calleeData: undefined,
    qos: undefined,
    connected: false,
    inbound: [],
    finReceived: false,
    finSent: false,
    reset: false,
    lastWord: undefined,
    lastWordOptions: undefined,
    events: 0,
    errors: [0, 0, 0, 0, 0, 0],
    disabled: 0,
  };
  sockets.set(fake.id, fake);
  return fake;
}

function record(fake: Fake, event: number, bit: number, error = 0): void {
  if ((fake.mask & event) === 0 || (fake.disabled & event) !== 0) return;
  fake.events |= event;
  fake.disabled |= event;
  fake.errors[bit] = error;
  if (isTelling) return;
  isTelling = true;
  setImmediate(() => {
    isTelling = false;
    let count = 0;
    for (const { id, events, errors } of sockets.values()) {
      if (events === 0) continue;
      shared.set([id, events, ...errors], count * eventNumbers);
      count += 1;
    }
    for (const one of sockets.values()) {
      one.events = 0;
      one.errors.fill(0);
    }
    if (count > 0) tell?.(count);
  });
}

function enable(fake: Fake, event: number): void {
  fake.disabled &= ~event;
}

function octetsWaiting(fake: Fake): number {
  return fake.inbound.reduce((sum, piece) => sum + piece.length, 0);
}

/** Records FD_READ and FD_CLOSE if arrived data makes them due. */
function look(fake: Fake): void {
  if (fake.inbound.length > 0) record(fake, FD_READ, FD_READ_BIT);
  const isDrained = fake.inbound.length === 0 || habits.closesEarly;
  if (fake.reset) record(fake, FD_CLOSE, FD_CLOSE_BIT, habits.resetAs);
  else if (fake.finReceived && isDrained) record(fake, FD_CLOSE, FD_CLOSE_BIT);
}

const some = (data: Uint8Array | undefined): Uint8Array | undefined =>
  data?.length && !habits.drops ? Buffer.from(data) : undefined;

function endOf(fake: Fake, abortive: boolean): void {
  const { peer } = fake;
  sockets.delete(fake.id);
  for (const caller of fake.backlog ?? []) {
    record(caller, FD_CONNECT, FD_CONNECT_BIT, WSAECONNREFUSED);
  }
  fake.backlog = undefined;
  if (!peer) return;
  // Closing with octets unread resets, as TCP does (trap 5).
  if (abortive || fake.inbound.length > 0) {
    peer.reset = true;
    peer.inbound = [];
  } else if (!fake.finSent) {
    peer.finReceived = true;
  }
  peer.peer = undefined;
  look(peer);
}

export const entry = (type: number): NativeEntry => ({
  protocol: type === SOCK_STREAM ? 'Fake TCP' : 'Fake messages',
  catalogEntryId: type === SOCK_STREAM ? 2001 : 2002,
  addressFamily: AF_INET,
  socketType: type,
  protocolNumber: IPPROTO_TCP,
  serviceFlags1:
    XP1_GUARANTEED_DELIVERY |
    XP1_GUARANTEED_ORDER |
    XP1_GRACEFUL_CLOSE |
    (habits.declares ? XP1_CONNECT_DATA | XP1_DISCONNECT_DATA : 0) |
    (type === SOCK_STREAM ? 0 : XP1_MESSAGE_ORIENTED),
  providerFlags: 8,
  version: 2,
  messageSize: type === SOCK_STREAM ? 0 : 0xffff_ffff,
  chainLength: 1,
  chain: [],
  path: '',
});

const types = [SOCK_STREAM, SOCK_SEQPACKET];
/** Octets of user data that the provider carries. */
const LIMIT = 4096;
const qosLength = 64;

const functions: NativeWinsock = {
  start(events, callback) {
    shared = new Int32Array(events.buffer);
    tell = callback;
  },
  countOpen: () => sockets.size,
  countHandles: () => sockets.size,
  ref() {
    alive = setInterval(() => {}, 2 ** 30);
  },
  unref() {
    clearInterval(alive);
  },

  catalog: () =>
    habits.unreadable || [
      ...types.map(entry),
      // An entry of which goodbyte cannot make a socket.
      { ...entry(SOCK_STREAM), catalogEntryId: 2003, addressFamily: 6 },
      ...habits.more,
    ],
  useCatalog(id) {
    const known = id === 2001 || id === 2002;
    const status = known ? habits.catalogStatus : WSAEPROTONOSUPPORT;
    return [status === 0 ? id - 2001 : -status, 0];
  },
  useLibrary(path, family, type) {
    if (habits.libraryStatus !== 0) {
      return [-habits.libraryStatus, habits.librarySystemError];
    }
    if (family !== AF_INET) return [-WSAEINVALIDPROCTABLE, 0];
    return [types.indexOf(type), 0];
  },
  describe: (number) => entry(types[number]!),

  open: (provider, mask) => make(types[provider]!, mask).id,
  close(id) {
    const fake = sockets.get(id);
    if (!fake) return;
    const linger = fake.options.get(SO_LINGER);
    endOf(fake, linger?.[0] === 1 && linger[2] === 0);
  },
  bind(id, _address, port) {
    const fake = sockets.get(id)!;
    const taken = [...sockets.values()].some(
      (other) => other.backlog && other.port === port,
    );
    if (port !== 0 && taken) return WSAEADDRINUSE;
    fake.port = port === 0 ? ports++ : port;
    return 0;
  },
  listen(id) {
    sockets.get(id)!.backlog = [];
    return 0;
  },
  connect(id, _address, port, callerData, calleeCapacity, qos) {
    const fake = sockets.get(id)!;
    const listener = [...sockets.values()].find(
      (other) => other.backlog && other.port === port,
    );
    fake.port ||= ports++;
    fake.peerName = [4, '127.0.0.1', port];
    fake.callerData = some(callerData);
    fake.calleeCapacity = calleeCapacity;
    fake.qos = qos;
    if ((callerData?.length ?? 0) > LIMIT) {
      record(fake, FD_CONNECT, FD_CONNECT_BIT, WSAEFAULT);
    } else if (listener && listener.type === fake.type) {
      listener.backlog!.push(fake);
      record(listener, FD_ACCEPT, FD_ACCEPT_BIT);
    } else {
      record(fake, FD_CONNECT, FD_CONNECT_BIT, WSAECONNREFUSED);
    }
    return WSAEWOULDBLOCK;
  },
  calleeData(id) {
    const data = sockets.get(id)?.calleeData;
    return [data, data?.length ?? 0];
  },
  qos: (id) => sockets.get(id)?.qos,

  accept(id, mask, decide) {
    const listener = sockets.get(id)!;
    const caller = listener.backlog?.[0];
    enable(listener, FD_ACCEPT);
    if (!caller) return -WSAEWOULDBLOCK;
    if (!sockets.has(caller.id)) {
      if (habits.departsLate && !caller.finSent) {
        caller.finSent = true;
        return -WSAEWOULDBLOCK;
      }
      listener.backlog!.shift();
      lookForCallers(listener);
      if (habits.departsNameless) {
        decide(undefined, caller.callerData, undefined, undefined, 0, 0);
      }
      return -habits.departedAs;
    }
    const [verdict, data, qos] = ask(decide, caller, listener);
    if (verdict === CF_DEFER) {
      listener.disabled |= FD_ACCEPT;
      return -WSATRY_AGAIN;
    }
    listener.backlog!.shift();
    caller.calleeData = some(data);
    const callerOptions = caller.options.get(SO_CONNOPT);
    // Later reads return the answer.
    const answer = listener.options.get(SO_CONNOPT);
    if (answer) caller.options.set(SO_CONNOPT, answer);
    else caller.options.delete(SO_CONNOPT);
    lookForCallers(listener);
    if (verdict === CF_REJECT) {
      record(caller, FD_CONNECT, FD_CONNECT_BIT, WSAECONNREFUSED);
      return -WSAECONNREFUSED;
    }
    if (verdict !== CF_ACCEPT) throw new Error(`the verdict ${verdict}`);
    if (qos) caller.qos = qos;
    const accepted = make(listener.type, mask);
    if (callerOptions) accepted.options.set(SO_CONNOPT, callerOptions);
    accepted.port = listener.port;
    accepted.peerName = [4, '127.0.0.1', caller.port];
    accepted.peer = caller;
    accepted.connected = true;
    caller.peer = accepted;
    caller.connected = true;
    record(caller, FD_CONNECT, FD_CONNECT_BIT);
    record(caller, FD_WRITE, FD_WRITE_BIT);
    record(accepted, FD_WRITE, FD_WRITE_BIT);
    return accepted.id;
  },

  send(id, pieces) {
    const fake = sockets.get(id);
    if (!fake) return -WSAENOTSOCK;
    if (fake.reset) return -WSAECONNRESET;
    if (fake.finSent) return -WSAESHUTDOWN;
    const { peer } = fake;
    if (!peer) return -WSAECONNABORTED;
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const waiting = octetsWaiting(peer);
    const isWhole = fake.type === SOCK_SEQPACKET;
    // A message is taken whole; a long one only if nothing else waits.
    const room = isWhole && waiting === 0 ? length : habits.window - waiting;
    if (length > 0 && (isWhole ? room < length : room <= 0)) {
      enable(fake, FD_WRITE);
      return -WSAEWOULDBLOCK;
    }
    const taken = Buffer.concat(pieces, Math.min(length, room));
    if (isWhole || taken.length > 0) {
      peer.inbound.push(taken);
      look(peer);
    }
    return taken.length;
  },
  receive(id, room, flags) {
    const fake = sockets.get(id);
    if (!fake) return -WSAENOTSOCK;
    enable(fake, FD_READ);
    flags[0] = 0;
    const first = fake.inbound[0];
    if (!first) {
      if (fake.reset) return -WSAECONNRESET;
      if (!fake.finReceived) return -WSAEWOULDBLOCK;
      return fake.type === SOCK_SEQPACKET ? -WSAEDISCON : 0;
    }
    const most = Math.min(
      room.length,
      fake.type === SOCK_SEQPACKET ? habits.partLength : room.length,
    );
    const taken = first.subarray(0, most);
    room.set(taken);
    if (taken.length < first.length) {
      fake.inbound[0] = first.subarray(taken.length);
      if (fake.type === SOCK_SEQPACKET) flags[0] = MSG_PARTIAL;
    } else {
      fake.inbound.shift();
    }
    look(fake);
    if (fake.peer) record(fake.peer, FD_WRITE, FD_WRITE_BIT);
    return taken.length;
  },
  sendDisconnect(id, data) {
    const fake = sockets.get(id);
    if (!fake) return WSAENOTSOCK;
    if (!fake.connected) return WSAENOTCONN;
    if ((data?.length ?? 0) > LIMIT) return WSAEMSGSIZE;
    fake.finSent = true;
    const { peer } = fake;
    if (!peer || peer.finReceived) return 0;
    peer.finReceived = true;
    peer.lastWord = some(data);
    peer.lastWordOptions = fake.options.get(SO_DISCOPT);
    look(peer);
    return 0;
  },
  receiveDisconnect(id, capacity) {
    const fake = sockets.get(id);
    if (!fake) return WSAENOTSOCK;
    const length = fake.lastWord?.length ?? 0;
    if (capacity >= 0 && length > capacity) return WSAEFAULT;
    return [fake.lastWord, length];
  },
  shutdown: () => 0,

  setOption(id, _level, name, value) {
    if (name === SO_DISCOPT && !habits.declares) return WSAENOPROTOOPT;
    sockets.get(id)?.options.set(name, Buffer.from(value));
    return 0;
  },
  getOption(id, _level, name, room) {
    const fake = sockets.get(id);
    const value =
      name === SO_DISCOPT ? fake?.lastWordOptions : fake?.options.get(name);
    if (!value) return -WSAENOPROTOOPT;
    room.set(value);
    return value.length;
  },
  localName(id) {
    const port = sockets.get(id)?.port;
    return port ? [4, '127.0.0.1', port] : undefined;
  },
  peerName: (id) => sockets.get(id)?.peerName,
};

function ask(
  decide: NativeDecide,
  caller: Fake,
  listener: Fake,
): ReturnType<NativeDecide> {
  let isDecided = false;
  try {
    const verdict = decide(
      [4, '127.0.0.1', caller.port],
      caller.callerData,
      caller.qos?.subarray(0, qosLength),
      [4, '127.0.0.1', listener.port],
      habits.declares ? caller.calleeCapacity : 0,
      0,
    );
    isDecided = true;
    return verdict;
  } finally {
    // An exception counts as CF_DEFER.
    if (!isDecided) listener.disabled |= FD_ACCEPT;
  }
}

function lookForCallers(listener: Fake): void {
  if (listener.backlog?.length) record(listener, FD_ACCEPT, FD_ACCEPT_BIT);
}

// The exports that src/native.ts loads, as far as they are used here.
export { INTERFACE as interface } from '../../../src/native.js';
export const openWinsock = (): NativeWinsock => functions;
