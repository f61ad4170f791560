import { types } from 'node:util';
import { checkInteger } from '../arguments.js';
import {
  FD_READ,
  FD_WRITE,
  MSG_PARTIAL,
  MSG_PEEK,
} from '../vocabulary/constants.js';
import {
  WSAEOPNOTSUPP,
  WSA_IO_PENDING,
  WSAENOTCONN,
  WSAEWOULDBLOCK,
  type Status,
} from '../vocabulary/error-codes.js';
import { COPIED_AT_SEND, type ProviderInbox } from '../provider/provider.js';
import { checkOctets, lengthOf } from './buffers.js';
import { fail } from './last-error.js';
import { openSocket, type SocketHandle } from './socket-handle.js';
import type { SOCKET } from './socket.js';

/**
 * Sends octets, or (on a message-oriented socket) one message: all or nothing.
 * The buffers belong to the caller again when it returns.
 *
 * @param buffers one, or several to be sent in sequence.
 * @param flags must be 0.
 * @returns the octets sent, or SOCKET_ERROR with WSAENOTSOCK; WSAENOTCONN;
 *  WSAESHUTDOWN (after shutdown or WSASendDisconnect); WSAECONNRESET;
 *  WSAEWOULDBLOCK (FD_WRITE signals when to continue); WSAEMSGSIZE (a message
 *  longer than the peer takes); WSAEOPNOTSUPP (flags).
 * @see "WSASend function (winsock2.h)"
 */
export function WSASend(
  s: SOCKET,
  buffers: Uint8Array | readonly Uint8Array[],
  flags = 0,
): number {
  const length = lengthOf(buffers, 'buffers');
  const socket = openSocket(s);
  if (!socket) return -1;
  if (flags !== 0) return fail(WSAEOPNOTSUPP);
  const { connection } = socket;
  if (!connection) return fail(WSAENOTCONN);
  const octets = length > COPIED_AT_SEND ? copyOf(buffers) : buffers;
  const status = connection.send(octets);
  return status === 0 ? length : sendFailed(socket, status);
}

/**
 * An extension: WSASend without its copy.
 *
 * @param octets must not change before `onsent` is called.
 * @param onsent called once: with 0 when the system has the octets, with
 *  WSA_OPERATION_ABORTED or the connection's error if it never will; not called
 *  if the call itself fails.
 * @returns as WSASend does.
 */
export function sendChunk(
  s: SOCKET,
  octets: Uint8Array,
  onsent?: (status: Status) => void,
): number {
  checkOctets(octets, 'octets');
  const socket = openSocket(s);
  if (!socket) return -1;
  const { connection } = socket;
  if (!connection) return fail(WSAENOTCONN);
  const status = connection.send(octets, onsent);
  if (status === WSA_IO_PENDING) return octets.length;
  if (status !== 0) return sendFailed(socket, status);
  if (onsent) process.nextTick(onsent, 0);
  return octets.length;
}

function sendFailed(socket: SocketHandle, status: Status): number {
  if (status === WSAEWOULDBLOCK) {
    socket.isBlocked = true;
    socket.events.enable(FD_WRITE);
  }
  return fail(status);
}

function copyOf(buffers: Uint8Array | readonly Uint8Array[]): Uint8Array {
  return types.isUint8Array(buffers)
    ? Buffer.from(buffers)
    : Buffer.concat(buffers);
}

/**
 * Receives the available data that fits; on a message-oriented socket the rest
 * of one message.
 *
 * @param buffers one, or several to be filled in sequence.
 * @param flags in: MSG_PEEK leaves the data in the queue. Out, on a
 *  message-oriented socket: MSG_PARTIAL if the message goes on, else 0.
 * @returns the octets received; 0 at the end of a stream (or for an empty
 *  message); SOCKET_ERROR with WSAENOTSOCK; WSAENOTCONN; WSAEWOULDBLOCK;
 *  WSAEDISCON at the end of a message-oriented socket; WSAECONNRESET;
 *  WSAESHUTDOWN after SD_RECEIVE; WSAEOPNOTSUPP (flags).
 * @see "WSARecv function (winsock2.h)"
 */
export function WSARecv(
  s: SOCKET,
  buffers: Uint8Array | readonly Uint8Array[],
  flags?: { flags: number },
): number {
  const room = lengthOf(buffers, 'buffers');
  const socket = openSocket(s);
  if (!socket) return -1;
  const wanted = flags?.flags ?? 0;
  if ((wanted & ~(MSG_PEEK | MSG_PARTIAL)) !== 0) return fail(WSAEOPNOTSUPP);
  const inbox = socket.connection?.inbox;
  if (!inbox) return fail(WSAENOTCONN);
  const { isMessageOriented } = socket;
  const received =
    wanted & MSG_PEEK
      ? peekInto(inbox, buffers, room)
      : receiveInto(inbox, isMessageOriented, buffers, room);
  if (flags && isMessageOriented && received >= 0) {
    flags.flags = inbox.messagePartial ? MSG_PARTIAL : 0;
  }
  enableRead(socket, inbox);
  return received;
}

/**
 * An extension: WSARecv without its copy.
 *
 * @param most the most octets to return.
 * @returns the next data, which is read-only, and on a message-oriented socket
 *  all of one message unless `most` is less; 0 at the end of a stream;
 *  SOCKET_ERROR as WSARecv.
 */
export function recvChunk(
  s: SOCKET,
  most = Number.POSITIVE_INFINITY,
): Uint8Array | number {
  if (most !== Number.POSITIVE_INFINITY) {
    checkInteger(most, 'most', 0, Number.MAX_SAFE_INTEGER);
  }
  const socket = openSocket(s);
  if (!socket) return -1;
  const inbox = socket.connection?.inbox;
  if (!inbox) return fail(WSAENOTCONN);
  const received = inbox.receive(most);
  enableRead(socket, inbox);
  if (typeof received === 'number') {
    return received === 0 ? 0 : fail(received);
  }
  // Other octets may lie before or after it in the same memory.
  const isPart =
    received.length === most ||
    2 * received.length < received.buffer.byteLength;
  return isPart ? new Uint8Array(received) : received;
}

/** recv is FD_READ's re-enabling function; there may be more data already. */
function enableRead({ events }: SocketHandle, inbox: ProviderInbox): void {
  events.enable(FD_READ);
  if (inbox.readable) events.find(FD_READ);
}

function peekInto(
  inbox: ProviderInbox,
  buffers: Uint8Array | readonly Uint8Array[],
  room: number,
): number {
  const octets = inbox.peek(room);
  if (typeof octets === 'number') return octets === 0 ? 0 : fail(octets);
  if (types.isUint8Array(buffers)) {
    buffers.set(octets);
    return octets.length;
  }
  let at = 0;
  for (const buffer of buffers) {
    const piece = octets.subarray(at, at + buffer.length);
    buffer.set(piece);
    at += piece.length;
  }
  return octets.length;
}

function receiveInto(
  inbox: ProviderInbox,
  isMessageOriented: boolean,
  buffers: Uint8Array | readonly Uint8Array[],
  room: number,
): number {
  if (types.isUint8Array(buffers)) {
    const first = inbox.receive(room);
    if (typeof first === 'number') return first === 0 ? 0 : fail(first);
    buffers.set(first);
    return first.length === room
      ? room
      : receiveMore(inbox, isMessageOriented, buffers, first.length);
  }
  // The first receive may fail; all later ones find data.
  let total = 0;
  let isFirst = true;
  for (const buffer of buffers) {
    if (buffer.length === 0) continue;
    if (!isFirst && !goesOn(inbox, isMessageOriented)) break;
    const first = inbox.receive(buffer.length);
    if (typeof first === 'number') return first === 0 ? 0 : fail(first);
    isFirst = false;
    buffer.set(first);
    total += receiveMore(inbox, isMessageOriented, buffer, first.length);
  }
  if (!isFirst) return total;
  const nothing = inbox.receive(0);
  return typeof nothing === 'number' && nothing !== 0 ? fail(nothing) : 0;
}

/** Fills the rest of a buffer. */
function receiveMore(
  inbox: ProviderInbox,
  isMessageOriented: boolean,
  buffer: Uint8Array,
  filled: number,
): number {
  while (filled < buffer.length && goesOn(inbox, isMessageOriented)) {
    const piece = inbox.receive(buffer.length - filled);
    if (typeof piece === 'number') break;
    buffer.set(piece, filled);
    filled += piece.length;
  }
  return filled;
}

/** Whether the received message continues in the queue. */
function goesOn(inbox: ProviderInbox, isMessageOriented: boolean): boolean {
  return isMessageOriented ? inbox.messagePartial : inbox.readable;
}
