// One end of a session: carries out its plan, and keeps an account of what it
// sent and received.
import { setTimeout as wait } from 'node:timers/promises';
import type { Socket } from '../../src/index.js';
import { isOpening, type SidePlan } from './plan.js';

/** The words that one end has sent and received. */
export class Account {
  // -- sent
  /** Octets given to write(). */
  written = 0;
  /** The last words that it may have sent; `undefined` means no word. */
  readonly words: (Buffer | undefined)[] = [];
  /** It may have dropped queued data, provided that it sent a reset. */
  mayReset = false;
  /** The connection was cut off, here or on the way: nothing more arrives. */
  aborted = false;
  writes = 0;
  callbacks = 0;
  calledTwice = false;

  // -- received
  octets = 0;
  /** It received octets that nobody sent, or in another order. */
  garbled = false;
  graceful = false;
  word: Buffer | undefined;
  error: Error | undefined;
  /** It closed before its peer's end was known. */
  left = false;
  closed = 0;
  /** The outcome of disconnect(). */
  resolved: { word: Buffer | undefined } | undefined;
  rejected: Error | undefined;
  /** Data or a second end arrived after the end. */
  behindEnd = false;

  /** A number that grows with each step of the session. */
  get steps(): number {
    return (
      this.written +
      this.octets +
      this.callbacks +
      this.closed +
      Number(this.graceful) +
      Number(this.error !== undefined)
    );
  }
}

/** Octets; a prime number that shares no factor with a segment. */
const PERIOD = 65_537;
const pattern = Buffer.from(
  Uint8Array.from({ length: 2 * PERIOD + 2 ** 20 }, (_, index) => {
    const at = index % PERIOD;
    return (at * 31 + (at >> 8) * 7) & 0xff;
  }),
);

/** Returns the octets of a direction from `at` on. */
export function octetsFrom(at: number, length: number): Buffer {
  const start = at % PERIOD;
  if (start + length <= pattern.length) {
    return pattern.subarray(start, start + length);
  }
  const all = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const piece = octetsFrom(at + done, Math.min(length - done, PERIOD));
    all.set(piece, done);
    done += piece.length;
  }
  return all;
}

function isAsWritten(at: number, chunk: Buffer): boolean {
  return octetsFrom(at, chunk.length).equals(chunk);
}

/** Resolves when the socket is closed, and its callbacks have had a turn. */
export async function runSide(
  socket: Socket,
  plan: SidePlan,
  account: Account,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      account.closed++;
      resolve();
    });
  });
  socket.on('error', (error) => {
    account.error = error;
  });
  socket.on('disconnect', (word) => {
    if (account.graceful) account.behindEnd = true;
    account.graceful = true;
    account.word = word;
  });
  account.mayReset = plan.reader === 'for-await';
  if (socket.disconnected) {
    // All of it arrived with the acceptance, before connect() had resolved.
    account.graceful = true;
    account.word = socket.disconnectData;
    account.words.push(undefined);
  }
  account.error = socket.errored ?? undefined;
  read(socket, plan, account);
  for (const length of plan.writes) write(socket, account, length);
  if (isOpening(plan)) await open(socket, plan, account);
  else reply(socket, plan, account);
  await closed;
}

function write(socket: Socket, account: Account, length: number): void {
  if (socket.writableEnded || socket.destroyed) return;
  let isCalled = false;
  account.writes++;
  const octets = octetsFrom(account.written, length);
  account.written += length;
  socket.write(octets, () => {
    account.callbacks++;
    account.calledTwice ||= isCalled;
    isCalled = true;
  });
}

// -- reading ----------------------------------------------------------------

export function take(account: Account, chunk: Buffer): void {
  account.behindEnd ||= account.graceful;
  account.garbled ||= !isAsWritten(account.octets, chunk);
  account.octets += chunk.length;
}

/** Pieces after which a slow reader pauses. */
const SLOW_PIECES = 10;

function read(socket: Socket, plan: SidePlan, account: Account): void {
  switch (plan.reader) {
    case 'flowing':
      socket.on('data', (chunk: Buffer) => take(account, chunk));
      return;
    case 'slow': {
      let pauses = 0;
      socket.on('data', (chunk: Buffer) => {
        take(account, chunk);
        if (pauses++ >= SLOW_PIECES) return;
        socket.pause();
        setTimeout(() => socket.resume(), plan.wait);
      });
      return;
    }
    case 'late':
      socket.on('data', (chunk: Buffer) => take(account, chunk));
      socket.pause();
      setTimeout(() => socket.resume(), 5 * plan.wait);
      return;
    case 'readable':
      socket.on('readable', () => {
        let chunk;
        while ((chunk = socket.read() as Buffer | null)) take(account, chunk);
      });
      return;
    case 'for-await':
      void readInLoop(socket, account);
  }
}

async function readInLoop(socket: Socket, account: Account): Promise<void> {
  try {
    for await (const chunk of socket) take(account, chunk as Buffer);
  } catch (error) {
    account.error ??= error as Error;
  }
}

// -- ending -----------------------------------------------------------------

async function open(
  socket: Socket,
  plan: SidePlan,
  account: Account,
): Promise<void> {
  if (plan.delay > 0) await wait(plan.delay);
  if (socket.destroyed) {
    // A loop that ended has closed it.
    account.words.push(undefined);
    return;
  }
  const word = wordOf(plan);
  switch (plan.ending) {
    case 'disconnect':
      account.words.push(word);
      disconnect(socket, account, word);
      return;
    case 'end':
      account.words.push(undefined);
      socket.end();
      return;
    case 'disconnect-destroy':
      account.words.push(word);
      account.mayReset = true;
      write(socket, account, plan.lateWrite);
      disconnect(socket, account, word);
      leave(socket, account);
      return;
    case 'destroy':
      account.words.push(undefined);
      account.mayReset = true;
      write(socket, account, plan.lateWrite);
      leave(socket, account);
      return;
    default:
      account.words.push(undefined);
      account.mayReset = true;
      account.aborted = true;
      account.left = !account.graceful;
      socket.resetAndDestroy();
  }
}

function reply(socket: Socket, plan: SidePlan, account: Account): void {
  const word = wordOf(plan);
  switch (plan.ending) {
    case 'answer':
      account.words.push(word);
      socket.answer = () => word;
      return;
    case 'answer-later':
      account.words.push(word);
      socket.answer = async () => {
        await wait(plan.wait);
        return word;
      };
      return;
    case 'answer-behind-writes':
      account.words.push(word);
      socket.answer = async () => {
        write(socket, account, plan.lateWrite);
        await wait(plan.wait);
        write(socket, account, plan.lateWrite);
        return word;
      };
      return;
    case 'disconnect-at-once':
      account.words.push(word);
      socket.on('disconnect', () => {
        disconnect(socket, account, word);
      });
      return;
    case 'disconnect-later':
      account.words.push(word);
      onEnd(socket, () => {
        if (socket.destroyed) account.words.push(undefined);
        else disconnect(socket, account, word);
      });
      return;
    case 'answer-destroy':
      account.words.push(word, undefined);
      account.mayReset = true;
      socket.answer = () => word;
      socket.on('disconnect', () => {
        write(socket, account, plan.lateWrite);
        leave(socket, account);
      });
      return;
    default:
      account.words.push(undefined);
  }
}

function onEnd(socket: Socket, listener: () => void): void {
  if (socket.readableEnded) listener();
  else socket.on('end', listener);
}

/** Closes, as an application that is done with the connection does. */
function leave(socket: Socket, account: Account): void {
  account.left = !account.graceful;
  socket.destroy();
}

function disconnect(
  socket: Socket,
  account: Account,
  word: Buffer | undefined,
): void {
  void hearAnswer(socket.disconnect(word), account);
}

async function hearAnswer(
  answer: Promise<Buffer | undefined>,
  account: Account,
): Promise<void> {
  try {
    account.resolved = { word: await answer };
  } catch (error) {
    account.rejected = error as Error;
  }
}

function wordOf(plan: SidePlan): Buffer | undefined {
  return plan.word === 0 ? undefined : Buffer.alloc(plan.word, 'last word ');
}
