import { checkInteger, invalidArgType } from '../arguments.js';
import { FD_ALL_EVENTS } from '../vocabulary/constants.js';
import { WSAEINVAL } from '../vocabulary/error-codes.js';
import { EventObject, type WSAEVENT } from './event-objects.js';
import { fail } from './last-error.js';
import type { WSANETWORKEVENTS } from './network-events.js';
import { openSocket } from './socket-handle.js';
import type { SOCKET } from './socket.js';

/**
 * Selects the network events of a socket that signal an event object. It
 * replaces the previous selection and clears the record; conditions that
 * already hold are recorded at once.
 *
 * These are recorded and signaled, each once until its re-enabling function is
 * called:
 * - FD_READ: data can be received. WSARecv, recvChunk.
 * - FD_WRITE: after connect and accept, and when sending can continue. A
 *   WSASend that fails with WSAEWOULDBLOCK.
 * - FD_ACCEPT: a request waits. WSAAccept, unless it fails with WSATRY_AGAIN.
 * - FD_CONNECT: the outcome of a connect; once for each.
 * - FD_CLOSE: the close indication, after all data: once in a socket's life
 *   (until it was enumerated), and never after closesocket.
 *
 * @param event null, with a mask of 0, ends the association.
 * @param mask FD_* bits. FD_OOB and others are accepted but never recorded.
 * @returns 0, or SOCKET_ERROR with WSAENOTSOCK, or WSAEINVAL (a mask without
 *  an event, or an event that is closed).
 * @see "WSAEventSelect function (winsock2.h)"
 */
export function WSAEventSelect(
  s: SOCKET,
  event: WSAEVENT | null,
  mask: number,
): number {
  checkInteger(mask, 'mask', 0, FD_ALL_EVENTS);
  const object = checkEvent(event);
  const socket = openSocket(s);
  if (!socket) return -1;
  if (object ? !object.isOpen : mask !== 0) return fail(WSAEINVAL);
  socket.events.select(
    mask === 0 ? undefined : object,
    mask,
    socket.presentEvents,
  );
  return 0;
}

/**
 * Returns the events since the last call, and clears the record.
 *
 * @param event is reset in the same step; null: no event is reset.
 * @param out `networkEvents` gets the FD_* bits; `errorCode[FD_*_BIT]` is set
 *  for those bits, and not touched for others.
 * @returns 0, or SOCKET_ERROR with WSAENOTSOCK, or WSAEINVAL (the event is
 *  closed).
 * @see "WSAEnumNetworkEvents function (winsock2.h)"
 */
export function WSAEnumNetworkEvents(
  s: SOCKET,
  event: WSAEVENT | null,
  out: WSANETWORKEVENTS,
): number {
  if (
    typeof out !== 'object' ||
    out === null ||
    !Array.isArray(out.errorCode)
  ) {
    throw invalidArgType(
      'out',
      'a WSANETWORKEVENTS ({ networkEvents, errorCode })',
      out,
    );
  }
  const object = checkEvent(event);
  const socket = openSocket(s);
  if (!socket) return -1;
  if (object && !object.isOpen) return fail(WSAEINVAL);
  object?.reset();
  socket.events.take(out);
  return 0;
}

function checkEvent(event: WSAEVENT | null): EventObject | undefined {
  if (event === null || event === undefined) return undefined;
  if (event instanceof EventObject) return event;
  throw invalidArgType('event', 'a WSAEVENT or null', event);
}
