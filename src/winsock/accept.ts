import { checkFunction, checkInteger } from '../arguments.js';
import {
  AF_UNIX,
  CF_ACCEPT,
  CF_REJECT,
  FD_ACCEPT,
  FD_WRITE,
} from '../vocabulary/constants.js';
import {
  WSAEFAULT,
  WSAEINVAL,
  WSAEOPNOTSUPP,
  WSAEWOULDBLOCK,
  WSATRY_AGAIN,
  type Status,
} from '../vocabulary/error-codes.js';
import type { Qos } from '../vocabulary/qos.js';
import type {
  Address,
  ConnectRequest,
  ProviderConnection,
  Verdict,
} from '../provider/provider.js';
import { checkOctets, type WSABUF } from './buffers.js';
import { fail } from './last-error.js';
import { checkName, copyName, toName, type SOCKADDR } from './sockaddr.js';
import { openSocket, SocketHandle } from './socket-handle.js';
import { INVALID_SOCKET, type SOCKET } from './socket.js';

/**
 * Decides about a caller, inside WSAAccept. It should return quickly.
 *
 * @param callerId the caller's name.
 * @param callerData its data; null if absent.
 * @param sqos the quality of service that it asks for, as the caller sees it,
 *  to be changed in place; null if it does not ask for any.
 * @param gqos reserved.
 * @param calleeId the local name that was called.
 * @param calleeData the answer. On the way in, `len` is the number of octets
 *  that the caller accepts, 0 if it wants no data (an answer is then dropped).
 *  Write into `buf` (or put another one there) and set `len`; if `len` is not
 *  assigned, there is no answer. More than fits fails WSAAccept with WSAEFAULT.
 *  With CF_REJECT it is the reject data (an extension).
 * @param g a group to join or make; providers have no groups, so it has no
 *  effect.
 * @param callbackData as given to WSAAccept.
 * @returns CF_ACCEPT, CF_REJECT or CF_DEFER.
 */
export type ConditionFunction = (
  callerId: SOCKADDR,
  callerData: Uint8Array | null,
  sqos: Qos | null,
  gqos: null,
  calleeId: SOCKADDR,
  calleeData: WSABUF,
  g: { group: number },
  callbackData: unknown,
) => number;

/**
 * Takes the request that waits longest, deferred ones first, and accepts it if
 * the condition function says so. Until then the caller's connect is pending.
 *
 * The new socket has the options and the event selection of `s`.
 *
 * @param addr is filled with the caller's name on success.
 * @param condition without it every caller is accepted, and gets the
 *  SO_CONNDATA of `s`, if it takes that much.
 * @param callbackData passed on to `condition`.
 * @returns INVALID_SOCKET with WSAENOTSOCK; WSAEINVAL (the socket does not
 *  listen; or an invalid verdict: the request stays); WSAEWOULDBLOCK (no
 *  request); WSAECONNREFUSED (CF_REJECT); WSATRY_AGAIN (CF_DEFER: the same
 *  request is offered next, and FD_ACCEPT is not re-enabled); WSAECONNRESET
 *  (the caller has left); WSAEFAULT (more callee data than the caller takes)
 *  and WSAEOPNOTSUPP (a quality of service that cannot be granted): the request
 *  stays; WSAENOBUFS (too many are deferred: rejected).
 * @throws whatever `condition` throws; the request stays then.
 * @see "WSAAccept function (winsock2.h)"
 */
export function WSAAccept(
  s: SOCKET,
  addr?: SOCKADDR | null,
  condition?: ConditionFunction | null,
  callbackData?: unknown,
): SOCKET {
  if (addr) checkName(addr, 'addr');
  if (condition) checkFunction(condition, 'condition');
  const listener = openSocket(s);
  if (!listener) return INVALID_SOCKET;
  let offered: ConnectRequest | undefined;
  if (!listener.listener) {
    fail(WSAEINVAL);
    return INVALID_SOCKET;
  }
  const accepted = listener.listener.accept((request) => {
    offered = request;
    return condition
      ? ask(condition, request, callbackData)
      : plainReply(listener, request);
  });
  if (typeof accepted === 'number') {
    afterRefusal(listener, accepted);
    fail(accepted);
    return INVALID_SOCKET;
  }
  const socket = inherit(listener, accepted);
  if (addr) copyName(addr, toName(offered!.callerId));
  socket.peerName = nameless;
  socket.localName = calleeName(listener, offered!.calleeId);
  afterRequest(listener);
  return socket;
}

/**
 * WSAAccept without a condition function.
 *
 * @see "accept function (winsock2.h)"
 */
export function accept(s: SOCKET, addr?: SOCKADDR | null): SOCKET {
  return WSAAccept(s, addr);
}

function plainReply(
  { userData }: SocketHandle,
  { calleeDataLimit }: ConnectRequest,
): Verdict {
  if (!userData) return ACCEPT;
  // The reply for all callers must not fail for one with a smaller buffer.
  const fitting = (octets: Uint8Array | undefined) =>
    octets && octets.length <= calleeDataLimit ? octets : undefined;
  return {
    verdict: CF_ACCEPT,
    data: fitting(userData.connectData),
    options: fitting(userData.connectOptions),
  };
}

const ACCEPT: Verdict = { verdict: CF_ACCEPT };

function ask(
  condition: ConditionFunction,
  request: ConnectRequest,
  callbackData: unknown,
): Verdict {
  const { callerId, calleeId, callerData, calleeDataLimit } = request;
  const sqos = request.sqos ? cloneQos(request.sqos) : null;
  const answer = new Answer(calleeDataLimit);
  const verdict = condition(
    toName(callerId),
    callerData ?? null,
    sqos,
    null,
    toName(calleeId),
    answer,
    { group: 0 },
    callbackData,
  );
  if (verdict !== CF_ACCEPT && verdict !== CF_REJECT) return { verdict };
  const data = answer.octets();
  if (verdict === CF_REJECT) {
    const { code, mayRepeat } = answer;
    return { verdict, data, code, mayRepeat };
  }
  return { verdict, data, sqos: sqos ?? undefined };
}

/**
 * The callee data that a condition function fills. A function that leaves it
 * unchanged gives no answer, although `len` was the buffer's size and not 0.
 */
export class Answer implements WSABUF {
  /** With CF_REJECT, sent beside the data; Winsock has no place for it. */
  code: number | undefined;
  mayRepeat: boolean | undefined;

  readonly #room: number;
  #buf: Uint8Array | undefined;
  #len: number | undefined;

  constructor(room: number) {
    this.#room = room;
  }

  get buf(): Uint8Array {
    this.#buf ??= Buffer.alloc(this.#room);
    return this.#buf;
  }

  set buf(buf: Uint8Array) {
    checkOctets(buf, 'calleeData.buf');
    this.#buf = buf;
  }

  get len(): number {
    return this.#len ?? this.#room;
  }

  set len(len: number) {
    checkInteger(len, 'calleeData.len', 0, Number.MAX_SAFE_INTEGER);
    this.#len = len;
  }

  octets(): Uint8Array | undefined {
    if (!this.#len) return undefined;
    // More than the buffer holds is above the limit: the seam refuses it.
    return this.#len > this.buf.length
      ? Buffer.alloc(this.#room + 1)
      : this.buf.subarray(0, this.#len);
  }
}

function cloneQos({ sending, receiving, providerSpecific }: Qos): Qos {
  return {
    sending: { ...sending },
    receiving: { ...receiving },
    providerSpecific,
  };
}

function inherit(
  listener: SocketHandle,
  accepted: ProviderConnection,
): SocketHandle {
  const socket = new SocketHandle(listener.traits, accepted);
  socket.stage = 'connected';
  socket.isAccepted = true;
  socket.linger = listener.linger;
  socket.noDelay = listener.noDelay;
  socket.keepAlive = listener.keepAlive;
  socket.applyOptions();
  const { event, mask } = listener.events;
  if (event) socket.events.select(event, mask, FD_WRITE);
  return socket;
}

/** The provider knows its callers' names, unless their medium has none. */
const nameless: SOCKADDR = Object.freeze({
  family: AF_UNIX,
  address: '',
  port: 0,
});

/** One name for all connections to the same address: there may be many. */
function calleeName(listener: SocketHandle, calleeId: Address): SOCKADDR {
  const last = listener.localName;
  if (last?.address === calleeId.address && last.port === calleeId.port) {
    return last;
  }
  listener.localName = toName(calleeId);
  return listener.localName;
}

/** One request fewer waits; there may be another. */
function afterRequest(listener: SocketHandle): void {
  if (listener.requests > 0) listener.requests--;
  enableAccept(listener);
}

function enableAccept(listener: SocketHandle): void {
  listener.events.enable(FD_ACCEPT);
  if (listener.requests > 0) listener.events.find(FD_ACCEPT);
}

function afterRefusal(listener: SocketHandle, status: Status): void {
  switch (status) {
    case WSATRY_AGAIN:
      return;
    case WSAEWOULDBLOCK:
      listener.requests = 0;
      enableAccept(listener);
      return;
    case WSAEINVAL:
    case WSAEFAULT:
    case WSAEOPNOTSUPP:
      enableAccept(listener);
      return;
    default:
      afterRequest(listener);
  }
}
