import { once } from 'node:events';
import { connect as netConnect } from 'node:net';
import t, { type Test } from 'tap';
import type { Socket } from '../../src/index.js';
import { loadNative } from '../../src/native.js';
import { needsUnix } from '../support/platform.js';
import { serve } from '../support/serve.js';
import { call, disconnectFrame, frame } from '../support/wire.js';
import { FrameType } from '../../src/provider/framed/wire.js';

// disconnect() without a deadline: two minutes without a sign of the peer.

const LIMIT = 120_000;

/** Replaces the limit's timers: `pass()` fires each that has begun. */
function hurry(t: Test): { pass: () => void; begun: () => number } {
  const real = globalThis.setTimeout;
  const waiting: (() => void)[] = [];
  let begun = 0;
  t.teardown(() => {
    globalThis.setTimeout = real;
  });
  globalThis.setTimeout = ((
    run: (...args: unknown[]) => void,
    milliseconds?: number,
    ...args: unknown[]
  ) => {
    const timer = real(run, milliseconds, ...args);
    if (milliseconds === LIMIT) {
      begun++;
      waiting.push(() => {
        run(...args);
      });
    }
    return timer;
  }) as typeof setTimeout;
  return {
    pass: () => {
      for (const run of waiting.splice(0)) run();
    },
    begun: () => begun,
  };
}

async function begunAgain(socket: Socket, begun: () => number): Promise<void> {
  while (begun() < 2 && !socket.destroyed) await new Promise(setImmediate);
}

async function pair(t: Test) {
  const { server, port } = await serve(t);
  const came = once(server, 'connection');
  const peer = netConnect({ port, allowHalfOpen: true });
  peer.on('error', () => {});
  peer.resume();
  t.teardown(() => peer.destroy());
  peer.write(call());
  const [callee] = (await came) as [Socket];
  return { callee, peer };
}

t.test('a peer that has vanished is given up', async (t) => {
  const { callee } = await pair(t);
  const limit = hurry(t);
  const waiting = callee.disconnect('bye');
  limit.pass();
  await t.rejects(waiting, {
    code: 'ETIMEDOUT',
    message: /neither sent nor taken anything for 120000 ms/,
  });
  t.ok(callee.destroyed);
});

t.test('one that sends is not', async (t) => {
  const { callee, peer } = await pair(t);
  const limit = hurry(t);
  const waiting = callee.disconnect('bye');
  peer.write(frame(FrameType.DATA, 'still here'));
  await once(callee, 'data');
  limit.pass();
  await begunAgain(callee, limit.begun);
  peer.write(disconnectFrame('total'));
  t.equal(String(await waiting), 'total');
});

t.test('nor one whose data is not read here', async (t) => {
  const { callee, peer } = await pair(t);
  callee.pause();
  peer.write(frame(FrameType.DATA, 'unread'));
  while (callee.readableLength === 0 && !callee.destroyed) {
    callee.read(0);
    await new Promise(setImmediate);
  }
  const limit = hurry(t);
  const waiting = callee.disconnect('bye');
  limit.pass();
  await begunAgain(callee, limit.begun);
  callee.resume();
  peer.write(disconnectFrame('total'));
  t.equal(String(await waiting), 'total');
});

const skip =
  needsUnix('a count of what the peer has taken') ||
  (loadNative().native ? false : 'there is no addon');
t.test("nor one that takes the system's data", { skip }, async (t) => {
  const { callee, peer } = await pair(t);
  const much = Buffer.alloc(1 << 20);
  peer.pause();
  callee.write(much);
  const limit = hurry(t);
  const waiting = callee.disconnect('bye');
  while (callee.writableLength > 0) await new Promise(setImmediate);
  const pass = async () => {
    const begun = limit.begun();
    limit.pass();
    while (limit.begun() === begun && !callee.destroyed) {
      await new Promise(setImmediate);
    }
  };
  await pass();
  peer.resume();
  while (peer.bytesRead < much.length) await once(peer, 'data');
  await pass();
  t.notOk(callee.destroyed, 'it has taken all');
  await Promise.all([
    t.rejects(waiting, { code: 'ETIMEDOUT' }, 'and then nothing'),
    pass(),
  ]);
});

t.test('a deadline, or Infinity, is there in its place', async (t) => {
  for (const deadline of [Number.POSITIVE_INFINITY, 60_000]) {
    const { callee, peer } = await pair(t);
    const limit = hurry(t);
    const waiting = callee.disconnect('bye', { deadline });
    t.equal(limit.begun(), 0);
    peer.write(disconnectFrame('total'));
    t.equal(String(await waiting), 'total');
  }
});
