/** Holds writes back until the end of the tick. */
export interface Delayed {
  sendDelayed(): void;
}

let tick = 0;
let isEndDue = false;
const delayed = new Set<Delayed>();

/** No tick follows an exit: data written then is sent at once. */
let isExiting = false;
let hearsExit = false;

/**
 * For code that may call {@link sendSoon} later, even from a listener of
 * 'exit': a listener added during that event is not called.
 */
export function hearExit(): void {
  if (hearsExit) return;
  hearsExit = true;
  process.on('exit', onexit);
}

function onexit(): void {
  isExiting = true;
  for (const sender of delayed) send(sender);
}

/** A number that differs between ticks. */
export function currentTick(): number {
  if (!isEndDue) {
    isEndDue = true;
    process.nextTick(endTick);
  }
  return tick;
}

function endTick(): void {
  isEndDue = false;
  tick++;
}

/** @returns whether it is called at the end of the tick. */
export function sendSoon(sender: Delayed): boolean {
  if (isExiting) return false;
  delayed.add(sender);
  process.nextTick(send, sender);
  return true;
}

function send(sender: Delayed): void {
  if (delayed.delete(sender)) sender.sendDelayed();
}
