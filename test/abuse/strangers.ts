// Hostile callers of every kind. Each resolves when its connections are gone.
import type { Socket } from 'node:net';
import type { Limits } from '../../src/provider/framed/fields.js';
import { FrameType } from '../../src/provider/framed/wire.js';
import { resetTcp } from '../../src/tcp-reset.js';
import { octetsOf } from '../provider/framed/decoding.js';
import {
  parseVectors,
  vectorFiles,
  type DirectionCase,
} from '../provider/framed/directions.js';
import { gone, open } from '../support/stranger.js';
import {
  call,
  callerPreface,
  connectFrame,
  disconnectFrame,
  frame,
  limits,
} from '../support/wire.js';

/** Connections of one stranger at a time. */
const AT_ONCE = 50;

export type Ending = 'fin' | 'reset';

/** Sends some octets, and ends. */
async function say(
  port: number,
  octets: Uint8Array,
  ending: Ending,
): Promise<void> {
  const socket = open(port).resume();
  // An immediate reset may discard octets that were written before it.
  socket.write(octets, () => {
    if (ending === 'fin') socket.end();
    else setImmediate(resetTcp, socket);
  });
  await gone(socket);
}

async function inTurn<T>(
  items: readonly T[],
  use: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length) await use(items[next++]!);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** Breaks the rules in each way that the vectors have. */
export async function breakRules(port: number): Promise<void> {
  const cases = vectorFiles()
    .map((name) => parseVectors(name) as { kind: string; cases: unknown[] })
    .filter(({ kind }) => kind === 'direction')
    .flatMap((file) => file.cases as DirectionCase[]);
  const all = cases.flatMap((vector) =>
    (['fin', 'reset'] as const).map((ending) => ({
      octets: octetsOf(vector.hex),
      ending,
    })),
  );
  await inTurn(all, ({ octets, ending }) => say(port, octets, ending));
}

/** Sends CONNECTs with invalid fields. */
export async function sendOddFields(port: number): Promise<void> {
  const cases = (
    parseVectors('fields.json') as { cases: { hex: string | string[] }[] }
  ).cases.map(({ hex }) => octetsOf(hex));
  const types = [FrameType.CONNECT, FrameType.RESET, FrameType.DISCONNECT];
  const all = cases.flatMap((payload) =>
    types.map((type) =>
      Buffer.concat([
        type === FrameType.DISCONNECT ? call() : callerPreface,
        frame(type, payload),
      ]),
    ),
  );
  await inTurn(all, (octets) => say(port, octets, 'fin'));
}

/** Ends after each octet of a handshake and a session. */
export async function endAnywhere(port: number): Promise<void> {
  const session = Buffer.concat([
    call({ userData: Buffer.from('teller 7') }),
    frame(FrameType.DATA, '20 in\n'),
    disconnectFrame('41'),
  ]);
  const all = Array.from({ length: session.length + 1 }, (_, length) =>
    (['fin', 'reset'] as const).map((ending) => ({
      octets: session.subarray(0, length),
      ending,
    })),
  ).flat();
  await inTurn(all, ({ octets, ending }) => say(port, octets, ending));
}

/** Announces limits that are too low, or unreasonably high. */
export async function takeLittle(port: number): Promise<void> {
  const odd: Limits[] = [];
  for (const handshakeData of [0, 1, 65_535, 2 ** 32 - 1]) {
    for (const disconnectData of [0, 1, 2 ** 32 - 1]) {
      for (const message of [0, 2 ** 32 - 1]) {
        odd.push({ handshakeData, disconnectData, message });
      }
    }
  }
  await inTurn(odd, (limits) =>
    say(
      port,
      Buffer.concat([
        callerPreface,
        connectFrame({ limits, userData: Buffer.from('teller 8') }),
        disconnectFrame('1'),
      ]),
      'fin',
    ),
  );
}

/** Sends first words up to the size of a CONNECT, and beyond. */
export async function sayMuch(port: number): Promise<void> {
  const lengths = [4095, 4096, 4097, 65_535];
  const all = lengths.map((length) =>
    call({ userData: Buffer.alloc(length, 't') }),
  );
  all.push(Buffer.concat([callerPreface, Buffer.from([1, 0xff, 0xff, 0xff])]));
  await inTurn(all, (octets) => say(port, octets, 'fin'));
}

/** Opens connections, and ends or resets them at once. */
export async function flood(port: number, count: number): Promise<void> {
  await inTurn(Array.from({ length: count }), async () => {
    const socket = open(port).resume();
    socket.once('connect', () => resetTcp(socket));
    await gone(socket);
  });
}

/** Sends many tiny frames as an accepted caller. */
export async function chatter(port: number, frames: number): Promise<void> {
  const tiny = frame(FrameType.DATA, 'x');
  await say(
    port,
    Buffer.concat([
      call({ userData: Buffer.from('teller 9') }),
      ...Array.from({ length: frames }, () => tiny),
    ]),
    'reset',
  );
}

/** Opens connections that send this much, and nothing more. */
export async function openMany(
  port: number,
  count: number,
  octets: Uint8Array,
): Promise<Socket[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = open(port).resume();
      await new Promise<void>((resolve) => {
        socket.once('connect', () => resolve());
        socket.once('close', () => resolve());
      });
      if (octets.length > 0) socket.write(octets);
      return socket;
    }),
  );
}

export async function leave(sockets: readonly Socket[]): Promise<void> {
  for (const [index, socket] of sockets.entries()) {
    if (index % 2 === 0) resetTcp(socket);
    else socket.destroy();
  }
  await Promise.all(sockets.map(gone));
}

/** An ordinary call, with ordinary limits. */
export const usualCall = call({ limits, userData: Buffer.from('teller 10') });
