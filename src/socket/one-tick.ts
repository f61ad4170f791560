/** Holds writes back until the end of the tick. */
export interface Delayed {
  sendDelayed(): void;
}

let tick = 0;
let isEndDue = false;
const delayed = new Set<Delayed>();

/** No tick follows an exit: what is written then goes out at once. */
let isExiting = false;
let hearsExit = false;

/**
 * For whoever may call {@link sendSoon} later, even from a listener of 'exit':
 * one that is added while it is told is not called.
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

/** A number that changes with each tick in which it is asked for. */
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
