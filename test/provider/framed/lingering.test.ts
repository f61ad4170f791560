import net from 'node:net';
import tls from 'node:tls';
import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { loadNative } from '../../../src/native.js';
import {
  FramedListener,
  type TakeConnection,
} from '../../../src/provider/framed/listener.js';
import { LingerWatch } from '../../../src/provider/linger-watch.js';
import type { Place } from '../../../src/provider/framed/places.js';
import type { FrameTransport } from '../../../src/provider/framed/transport.js';
import { ALPN_PROTOCOL } from '../../../src/provider/framed/wire.js';
import { freePipePath, media, type Medium } from '../../support/media.js';
import {
  abortAll,
  accepted,
  listening,
  RawPeer,
  targetOf,
  type Watched,
  type WatchedListener,
} from '../../support/seam.js';
import { needsUnix } from '../../support/platform.js';
import { call, disconnectFrame } from '../../support/wire.js';

t.afterEach(abortAll);

const noAddon = loadNative().native ? false : 'there is no addon';

async function until(test: () => boolean): Promise<void> {
  while (!test()) await new Promise(setImmediate);
}

t.test('how long a linger is watched', async (t) => {
  // Octets left and outstanding, at the beginning and at each look.
  type State = [left: number, outstanding: number];
  const lives: [name: string, total: boolean, looks: number, ...State[]][] = [
    ['nothing is left', false, 4, [0, 0]],
    ['nothing moves', false, 5, [9, 9]],
    ['what is left shrinks', false, 5, [9, 0], [8, 0]],
    ['and is outstanding', false, 6, [9, 0], [8, 20], [7, 40]],
    ['what is outstanding shrinks', false, 7, [0, 9], [0, 8], [0, 8], [0, 7]],
    ['all is taken', false, 6, [0, 9], [0, 9], [0, 0]],
    ['so long in all', true, 1, [9, 9], [8, 8]],
  ];
  for (const [name, total, looks, ...states] of lives) {
    const asked = await new Promise<number>((resolve) => {
      let looked = -1;
      const now = () => states[Math.min(looked, states.length - 1)]!;
      const watch = new LingerWatch(
        {
          get left() {
            looked++;
            return now()[0];
          },
          get outstanding() {
            return now()[1];
          },
          unsent: 0,
          unref() {},
          cut: () => {
            resolve(looked);
          },
        },
        4,
        total,
      );
      // The watch does not keep the process alive.
      const alive = setInterval(() => {}, 1000);
      t.teardown(() => {
        clearInterval(alive);
        watch.stop();
      });
    });
    t.equal(asked, looks, name);
  }
});

t.test('how long a courtesy keeps the process', async (t) => {
  // Octets unsent and outstanding at each look.
  type State = [unsent: number, outstanding: number];
  const lives: [name: string, ...State[]][] = [
    ['all is taken', [0, 0]],
    ['not all has left', [1, 0], [0, 0]],
    ['not all is taken', [0, 1], [0, 1], [0, 0]],
  ];
  for (const [name, ...states] of lives) {
    let looks = 0;
    let unrefs = 0;
    const look = () => states[Math.min(looks++, states.length - 1)]!;
    await new Promise<void>((resolve) => {
      const watch = new LingerWatch(
        {
          left: 1,
          get unsent() {
            return states[Math.min(looks, states.length - 1)]![0];
          },
          get outstanding() {
            return look()[1];
          },
          unref() {
            t.equal(looks, states.length, name);
            unrefs++;
          },
          // It lingers on.
          cut: resolve,
        },
        4,
        false,
        true,
      );
      // It does not keep the process alive by itself.
      const alive = setInterval(() => {}, 1000);
      t.teardown(() => {
        clearInterval(alive);
        watch.stop();
      });
    });
    t.equal(unrefs, 1, name);
    t.ok(looks > states.length, name);
  }
});

const tcp = { port: 0, host: '127.0.0.1' };

t.test('a second close, with 0, cuts off a linger', async (t) => {
  for (const says of ['nothing', 'data', 'a last word']) {
    const listener = await listening(tcp);
    const peer = new RawPeer(
      net.connect({ ...targetOf(listener), allowHalfOpen: true }),
    );
    peer.stream.write(call());
    const callee = await accepted(listener);
    if (says === 'data') callee.socket.send(Buffer.alloc(16 << 20));
    if (says === 'a last word') callee.socket.sendDisconnect(Buffer.from('x'));
    callee.socket.close();
    t.notOk(callee.isReleased, says);
    callee.socket.close(0);
    await callee.released();
    peer.stream.destroy();
  }
});

/** Milliseconds without progress after which a close gives up. */
const LINGER = 500;
/** A slow reader reads this many octets, at this interval in milliseconds. */
const SIP = 12 * 1024;
const PACE = 6;

/** A raw caller at a listener on a medium. */
function callerOver(medium: Medium, listener: WatchedListener): net.Socket {
  const target = medium.connect(listener);
  const allowHalfOpen = true;
  const options =
    'path' in target
      ? { path: target.path, allowHalfOpen }
      : { ...(target as { port: number; host: string }), allowHalfOpen };
  if (!('tls' in target) || !target.tls) return net.connect(options);
  // A tls.connect of its own ends its half with the peer's.
  const raw = net.connect(options);
  return tls.connect({
    socket: raw,
    ALPNProtocols: [ALPN_PROTOCOL],
    ...target.tls,
  });
}

const LONG = 3 << 20;
const LAST_WORD = 'all of it';

/** Resolves to the carrier of the next incoming connection. */
function nextTransport(t: Test): () => FrameTransport {
  let transport: FrameTransport | undefined;
  const { value: onConnection } = Object.getOwnPropertyDescriptor(
    FramedListener.prototype,
    'onConnection',
  ) as { value: FramedListener['onConnection'] };
  t.intercept(FramedListener.prototype, 'onConnection', {
    value(this: FramedListener, take: TakeConnection, place?: Place) {
      onConnection.call(this, (...args) => (transport = take(...args)), place);
    },
  });
  return () => transport!;
}

/** Reads slowly until the callee's last word, or its end. */
async function sip(
  reader: net.Socket,
): Promise<{ octets: number; lastWord: boolean; sips: number }> {
  const got = { octets: 0, lastWord: false, sips: 0 };
  while (!got.lastWord && !reader.readableEnded && !reader.destroyed) {
    const chunk = (reader.read(SIP) ?? reader.read()) as Buffer | null;
    got.octets += chunk?.length ?? 0;
    got.lastWord = chunk?.includes(LAST_WORD) ?? false;
    got.sips++;
    await setTimeout(PACE);
  }
  return got;
}

/** A reader that has called, and a callee that sends it much. */
async function sendMuch(
  medium: Medium,
): Promise<{ reader: net.Socket; callee: Watched }> {
  const listener = await listening(medium.listen(), { lingerTimeout: LINGER });
  const reader = callerOver(medium, listener);
  reader.on('error', () => {}).write(call());
  const callee = await accepted(listener);
  reader.pause();
  callee.socket.send(Buffer.alloc(LONG));
  callee.socket.sendDisconnect(Buffer.from(LAST_WORD));
  return { reader, callee };
}

const [overTcp, , , overPipe, overTls, overTlsInPipe] = media as Medium[];

// Soon the system has all of it, and must report how much the peer takes. If the
// peer still has to speak, a reset comes a second later.
const untold = needsUnix('a count of what the peer has taken') || noAddon;
for (const speaks of [false, true]) {
  const when = speaks ? 'after its last word' : 'before its last word';
  t.test(`a slow reader gets all ${when}`, { skip: untold }, async (t) => {
    const { reader, callee } = await sendMuch(overTcp!);
    if (speaks) {
      reader.write(disconnectFrame());
      await callee.next('closed');
    }
    callee.socket.close();
    const { octets, lastWord, sips } = await sip(reader);
    t.ok(lastWord, `${octets} octets of ${LONG}`);
    t.ok(octets > LONG);
    t.ok(sips * PACE > 2 * LINGER, 'it takes longer than one linger');
    reader.resume().end();
    await callee.released();
    reader.destroy();
  });
}

/** Sockets that other code accepts, and gives to a listener. */
const given: Medium = {
  name: 'a socket that is given',
  listen: () => ({ port: 0, host: '127.0.0.1' }),
  connect: (listener) => {
    const server = net.createServer((raw) => {
      listener.socket.adopt(raw);
      server.close();
    });
    const path = freePipePath();
    server.listen(path);
    return { path };
  },
  hasReset: false,
};

/** A caller that does not read by itself, and the callee that sends to it. */
async function pausedReader(t: Test, medium: Medium) {
  const listener = await listening(medium.listen());
  const transport = nextTransport(t);
  const reader = callerOver(medium, listener);
  reader.on('error', () => {}).write(call());
  const callee = await accepted(listener);
  reader.pause();
  return { transport, reader, callee };
}

for (const medium of [overTcp!, overPipe!, overTls!, overTlsInPipe!, given]) {
  t.test(`a long write makes progress over ${medium.name}`, async (t) => {
    const { transport, reader, callee } = await pausedReader(t, medium);
    let isDone = false;
    callee.socket.send(Buffer.alloc(16 << 20), () => {
      isDone = true;
    });
    // Octets that TLS has encrypted count again until they have left.
    let most = 0;
    await until(() => {
      reader.read();
      const { left } = transport();
      most = Math.max(most, left);
      return left < most - (4 << 20);
    });
    t.notOk(isDone, 'the write is not whole');
    reader.destroy();
    callee.socket.close(0);
    await callee.released();
  });

  t.test(
    `what is outstanding over ${medium.name}`,
    { skip: untold },
    async (t) => {
      const { transport, reader, callee } = await pausedReader(t, medium);
      callee.socket.send(Buffer.alloc(LONG));
      await until(() => transport().outstanding > 0);
      reader.resume();
      await until(
        () => transport().left === 1 && transport().outstanding === 0,
      );
      t.equal(callee.socket.unsent, 0);
      reader.destroy();
      callee.socket.close(0);
      await callee.released();
      await until(() => transport().outstanding === 0);
    },
  );
}

t.test('a peer that takes nothing is cut off', async (t) => {
  for (const medium of [overTcp!, overPipe!, overTls!, overTlsInPipe!]) {
    await t.test(medium.name, async () => {
      const { reader, callee } = await sendMuch(medium);
      reader.write(disconnectFrame());
      await callee.next('closed');
      callee.socket.close();
      await callee.released();
      reader.destroy();
    });
  }
});
