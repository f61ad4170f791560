import {
  INFINITE,
  WSA_MAXIMUM_WAIT_EVENTS,
  WSA_WAIT_EVENT_0,
  WSA_WAIT_FAILED,
  WSA_WAIT_TIMEOUT,
} from '../vocabulary/constants.js';
import {
  WSA_INVALID_HANDLE,
  WSA_INVALID_PARAMETER,
} from '../vocabulary/error-codes.js';
import { checkFunction, checkInteger, invalidArgType } from '../arguments.js';
import { TimeLimit } from '../time-limit.js';
import { fail } from './last-error.js';

/** An event object: manual-reset, as WSACreateEvent makes them. */
export abstract class WSAEVENT {
  /** Only for TypeScript, to which every object would be a WSAEVENT. */
  declare protected readonly kind: 'WSAEVENT';
}

interface Wait {
  check(): void;
}

export class EventObject extends WSAEVENT {
  isOpen = true;
  isSignaled = false;
  readonly #onsignal: (() => void) | undefined;
  /** {@link #onsignal} has yet to be called for the present signal. */
  #isOwed = false;
  #waits: Set<Wait> | undefined;

  constructor(onsignal: (() => void) | undefined) {
    super();
    this.#onsignal = onsignal;
  }

  /** From an indication: no application code is on the stack. */
  signal(): void {
    if (this.isSignaled || !this.isOpen) return;
    this.isSignaled = true;
    this.#wake();
    this.#onsignal?.();
  }

  /** From an application's call, which must return first. */
  signalSoon(): void {
    if (this.isSignaled || !this.isOpen) return;
    this.isSignaled = true;
    this.#wake();
    if (!this.#onsignal) return;
    this.#isOwed = true;
    process.nextTick(settle, this);
  }

  settle(): void {
    if (!this.#isOwed) return;
    this.#isOwed = false;
    this.#onsignal?.();
  }

  reset(): void {
    this.isSignaled = false;
    this.#isOwed = false;
  }

  close(): void {
    this.reset();
    this.isOpen = false;
    this.#wake();
  }

  addWait(wait: Wait): void {
    this.#waits ??= new Set();
    this.#waits.add(wait);
  }

  removeWait(wait: Wait): void {
    this.#waits?.delete(wait);
  }

  #wake(): void {
    if (this.#waits === undefined || this.#waits.size === 0) return;
    for (const wait of this.#waits) wait.check();
  }
}

function settle(event: EventObject): void {
  event.settle();
}

/** Stands for "no event"; calls on it fail with WSA_INVALID_HANDLE. */
export const WSA_INVALID_EVENT: WSAEVENT = new EventObject(undefined);
(WSA_INVALID_EVENT as EventObject).close();

/** The event, or `undefined` with the last error set if it is closed. */
export function openEvent(event: WSAEVENT): EventObject | undefined {
  if (!(event instanceof EventObject)) {
    throw invalidArgType('event', 'a WSAEVENT', event);
  }
  if (event.isOpen) return event;
  fail(WSA_INVALID_HANDLE);
  return undefined;
}

/**
 * Makes an event object, unsignaled and manual-reset.
 *
 * @param onsignal an extension: called once each time the event goes from
 *  unsignaled to signaled. For network events it is called at once; if the
 *  application's own call has signaled the event, after that call in the same
 *  loop turn, unless the event was reset meanwhile.
 * @see "WSACreateEvent function (winsock2.h)"
 */
export function WSACreateEvent(onsignal?: () => void): WSAEVENT {
  if (onsignal !== undefined) checkFunction(onsignal, 'onsignal');
  return new EventObject(onsignal);
}

/**
 * @returns `false` (WSA_INVALID_HANDLE) if the event is closed.
 * @see "WSASetEvent function (winsock2.h)"
 */
export function WSASetEvent(event: WSAEVENT): boolean {
  const object = openEvent(event);
  object?.signalSoon();
  return object !== undefined;
}

/**
 * @returns `false` (WSA_INVALID_HANDLE) if the event is closed.
 * @see "WSAResetEvent function (winsock2.h)"
 */
export function WSAResetEvent(event: WSAEVENT): boolean {
  const object = openEvent(event);
  object?.reset();
  return object !== undefined;
}

/**
 * Closes an event object. Pending waits for it get WSA_WAIT_FAILED.
 *
 * @returns `false` (WSA_INVALID_HANDLE) if it is closed already.
 * @see "WSACloseEvent function (winsock2.h)"
 */
export function WSACloseEvent(event: WSAEVENT): boolean {
  const object = openEvent(event);
  object?.close();
  return object !== undefined;
}

/**
 * Waits until one of some events is signaled, or all of them are. It resets
 * none of them.
 *
 * @param events 1 to WSA_MAXIMUM_WAIT_EVENTS (64) of them.
 * @param waitAll wait until all are signaled at one time.
 * @param timeout milliseconds; 0: only check; WSA_INFINITE: for ever.
 * @returns a promise, where Winsock blocks: WSA_WAIT_EVENT_0 plus the lowest
 *  index of a signaled event (with `waitAll` WSA_WAIT_EVENT_0);
 *  WSA_WAIT_TIMEOUT; WSA_WAIT_FAILED with WSA_INVALID_PARAMETER (none, or too
 *  many events) or WSA_INVALID_HANDLE (a closed one).
 * @see "WSAWaitForMultipleEvents function (winsock2.h)"
 */
export function WSAWaitForMultipleEvents(
  events: readonly WSAEVENT[],
  waitAll: boolean,
  timeout: number,
): Promise<number> {
  if (!Array.isArray(events)) {
    throw invalidArgType('events', 'an array of WSAEVENT', events);
  }
  checkInteger(timeout, 'timeout', 0, INFINITE);
  if (events.length === 0 || events.length > WSA_MAXIMUM_WAIT_EVENTS) {
    fail(WSA_INVALID_PARAMETER);
    return Promise.resolve(WSA_WAIT_FAILED);
  }
  const objects: EventObject[] = [];
  for (const event of events as readonly WSAEVENT[]) {
    const object = openEvent(event);
    if (!object) return Promise.resolve(WSA_WAIT_FAILED);
    objects.push(object);
  }
  return waitFor(objects, waitAll, timeout);
}

function waitFor(
  events: readonly EventObject[],
  waitAll: boolean,
  timeout: number,
): Promise<number> {
  const look = (): number | undefined => {
    if (!events.every(isOpen)) {
      fail(WSA_INVALID_HANDLE);
      return WSA_WAIT_FAILED;
    }
    if (waitAll) return events.every(isSignaled) ? WSA_WAIT_EVENT_0 : undefined;
    const index = events.findIndex(isSignaled);
    return index < 0 ? undefined : WSA_WAIT_EVENT_0 + index;
  };
  const found = look();
  if (found !== undefined) return Promise.resolve(found);
  if (timeout === 0) return Promise.resolve(WSA_WAIT_TIMEOUT);

  return new Promise((resolve) => {
    let limit: TimeLimit | undefined;
    const finish = (result: number) => {
      limit?.stop();
      for (const event of events) event.removeWait(wait);
      resolve(result);
    };
    const wait: Wait = {
      check() {
        const result = look();
        if (result !== undefined) finish(result);
      },
    };
    for (const event of events) event.addWait(wait);
    if (timeout !== INFINITE) {
      limit = new TimeLimit(Math.min(timeout, MAX_TIMER), () => {
        finish(WSA_WAIT_TIMEOUT);
      });
    }
  });
}

/** The longest that setTimeout takes: 24 days. */
const MAX_TIMER = 2 ** 31 - 1;

function isOpen(event: EventObject): boolean {
  return event.isOpen;
}

function isSignaled(event: EventObject): boolean {
  return event.isSignaled;
}
