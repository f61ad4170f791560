/**
 * The numbers of native/engine/event_queue.h, which describes each event's
 * data.
 */
export const EventKind = {
  accepted: 0,
  connected: 1,
  preface: 2,
  plain: 3,
  frame: 4,
  frameStart: 5,
  framePiece: 6,
  data: 7,
  violation: 8,
  end: 9,
  lost: 10,
  sent: 11,
  finSent: 12,
  released: 13,
  acceptFailed: 14,
} as const;

/** 32-bit numbers of an event. */
export const EVENT_LENGTH = 4;

/** Receives the events of an id: a connection, or a listener. */
export interface EventTarget {
  /** @param what the event's second number: kind, detail, third. */
  onEvent(what: number, a: number, b: number): void;
}

export function kindOf(what: number): number {
  return what & 0xff;
}

export function detailOf(what: number): number {
  return (what >>> 8) & 0xff;
}

/** The slab of a piece. */
export function slabOf(what: number): number {
  return (what >>> 16) & 0x7fff;
}

/** Whether a piece is the only one in its slab, and takes over the slab. */
export function takesSlab(what: number): boolean {
  return what < 0;
}

export function thirdOf(what: number): number {
  return what >>> 16;
}
