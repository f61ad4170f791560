import { connect as netConnect } from 'node:net';
import t, { type Test } from 'tap';
import type { SocketOptions } from '../../../src/provider/provider.js';
import type { Fields } from '../../../src/provider/framed/fields.js';
import { FrameType } from '../../../src/provider/framed/wire.js';
import {
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../../../src/vocabulary/constants.js';
import {
  WSAECONNRESET,
  WSAEMSGSIZE,
  WSAETIMEDOUT,
} from '../../../src/vocabulary/error-codes.js';
import {
  abortAll,
  accepted,
  listening,
  RawPeer,
  targetOf,
  text,
  type Watched,
} from '../../support/seam.js';
import {
  call,
  control,
  disconnectFrame,
  frame,
  framesIn,
} from '../../support/wire.js';

// The idle limit (wire format §10.5), PING and PONG (§7.9), NOTICE (§7.8). The peer
// here is raw. No duration is asserted: each test waits for an event that the end of
// the time causes; where an event must not occur, for that of a second connection
// that began later.

t.afterEach(abortAll);

const { ACCEPT, DATA, DISCONNECT, NOTICE, PING, PONG, RESET } = FrameType;

/** Shorter than users may set it. */
const LIMIT = 80;

interface Pair {
  callee: Watched;
  peer: RawPeer;
}

async function pair(
  t: Test,
  options: Partial<SocketOptions> = { idleTimeout: LIMIT },
  fields: Fields = { idleLimit: 0 },
): Promise<Pair> {
  const listener = await listening({ port: 0, host: '127.0.0.1' }, options);
  const stream = netConnect({ ...targetOf(listener), allowHalfOpen: true });
  t.teardown(() => stream.destroy());
  const peer = new RawPeer(stream);
  const { socketType = SOCK_STREAM } = options;
  stream.write(call({ socketType, ...fields }));
  return { callee: await accepted(listener), peer };
}

/** Resolves when a silent peer was given up, so that an idle limit has passed. */
async function timePasses(t: Test): Promise<void> {
  const { callee } = await pair(t);
  await callee.next('closed');
}

function typesOf({ received }: RawPeer): number[] {
  return framesIn(received).map(([type]) => type);
}

/** Waits until the peer has `count` frames of a type; returns their payloads. */
async function hears(
  peer: RawPeer,
  type: number,
  count = 1,
): Promise<string[]> {
  for (;;) {
    const found = framesIn(peer.received).filter(([one]) => one === type);
    if (found.length >= count) return found.map(([, payload]) => payload);
    await peer.receive(peer.received.length + 1);
  }
}

for (const [name, socketType] of [
  ['stream', SOCK_STREAM],
  ['messages', SOCK_SEQPACKET],
] as const) {
  t.test(`${name}: a silent peer is asked, and then given up`, async (t) => {
    const options = { idleTimeout: LIMIT, socketType };
    const { callee, peer } = await pair(t, options);
    t.equal(await callee.next('closed'), WSAETIMEDOUT);
    t.match(callee.socket.failure, {
      status: WSAETIMEDOUT,
      detail: `the peer sent nothing for ${LIMIT} ms`,
    });
    t.equal(callee.socket.inbox.receive(), WSAETIMEDOUT);
    await peer.end();
    t.same(typesOf(peer), [ACCEPT, PING, RESET]);
    t.same(framesIn(peer.received).slice(1), [
      [PING, ''],
      [
        RESET,
        control(RESET, {
          status: WSAETIMEDOUT,
          reason: `the peer sent nothing for ${LIMIT} ms`,
        }).toString('latin1', 4),
      ],
    ]);
  });

  t.test(`${name}: a peer that answers stays`, async (t) => {
    const options = { idleTimeout: LIMIT, socketType };
    const { callee, peer } = await pair(t, options);
    for (let count = 1; count <= 4; count++) {
      await hears(peer, PING, count);
      peer.stream.write(frame(PONG, ''));
    }
    peer.stream.write(disconnectFrame('bye'));
    t.equal(await callee.lastWord(), 'bye');
  });
}

t.test('any octet is a sign', async (t) => {
  const { callee, peer } = await pair(t);
  const skipped = frame(0xf0, 'x'.repeat(8));
  for (let at = 0; at < 5; at++) {
    await hears(peer, PING, at + 1);
    peer.stream.write(skipped.subarray(at, at + 1));
  }
  peer.stream.write(skipped.subarray(5));
  peer.stream.write(disconnectFrame('bye'));
  t.equal(await callee.lastWord(), 'bye');
});

t.test('a peer that has announced nothing may be silent', async (t) => {
  const { callee, peer } = await pair(t, { idleTimeout: LIMIT }, {});
  t.equal(callee.socket.idleLimit, 0);
  await timePasses(t);
  await timePasses(t);
  peer.stream.write(disconnectFrame('bye'));
  t.equal(await callee.lastWord(), 'bye');
  t.same(typesOf(peer), [ACCEPT]);
  const [[, payload] = []] = framesIn(peer.received);
  t.equal(payload?.length, 11, 'nor does it receive a limit');
});

t.test('ACCEPT has the limit, if CONNECT has one', async (t) => {
  const { peer } = await pair(t, { idleTimeout: 0x12345 });
  const [payload = ''] = await hears(peer, ACCEPT);
  t.equal(
    Buffer.from(payload, 'latin1').toString('hex').slice(-14),
    '8a000400012345',
  );
});

t.test('a last word that does not come is not waited for', async (t) => {
  for (const word of [undefined, Buffer.from('ours')]) {
    const { callee, peer } = await pair(t);
    callee.socket.sendDisconnect(word);
    t.equal(await callee.next('closed'), WSAETIMEDOUT);
    await peer.closed();
    t.same(typesOf(peer), [ACCEPT, DISCONNECT], 'nothing may follow it');
  }
});

t.test('it ends with the last word of the peer', async (t) => {
  const { callee, peer } = await pair(t);
  peer.stream.write(disconnectFrame('bye'));
  t.equal(await callee.lastWord(), 'bye');
  await timePasses(t);
  await timePasses(t);
  t.equal(callee.socket.sendDisconnect(Buffer.from('late')), 0);
  await hears(peer, DISCONNECT);
  t.notOk(typesOf(peer).includes(RESET));
});

t.test('it stops while this side does not read', async (t) => {
  const { callee, peer } = await pair(t, {
    idleTimeout: LIMIT,
    receiveBuffer: 4,
  });
  peer.stream.write(frame(DATA, 'more than the buffer takes'));
  await callee.until(() => callee.socket.inbox.receivable > 4);
  await timePasses(t);
  await timePasses(t);
  t.same(typesOf(peer), [ACCEPT]);
  t.type(callee.socket.inbox.receive(), Uint8Array);
  t.equal(await callee.next('closed'), WSAETIMEDOUT, 'and runs again');
});

t.test('PING is answered with its octets', async (t) => {
  const { peer } = await pair(t, {});
  for (const octets of ['', 'a', 'z'.repeat(255)]) {
    const count = typesOf(peer).length;
    peer.stream.write(frame(PING, octets));
    await hears(peer, PONG, Math.max(count, 1));
    t.same(framesIn(peer.received).at(-1), [PONG, octets]);
  }
});

t.test('the same without an announced limit, and after data', async (t) => {
  const { callee, peer } = await pair(t, {}, {});
  peer.stream.write(
    Buffer.concat([frame(DATA, 'a'), frame(PING, 'x'), frame(DATA, 'b')]),
  );
  t.same(await hears(peer, PONG), ['x']);
  peer.stream.write(disconnectFrame());
  t.equal(String(await callee.read()), 'ab');
});

t.test('many at once are answered by the octets of the last', async (t) => {
  const { peer } = await pair(t, {});
  const many = Array.from({ length: 1000 }, (_, at) => frame(PING, `${at}`));
  peer.stream.write(Buffer.concat(many));
  while (framesIn(peer.received).at(-1)?.[1] !== '999') {
    await peer.receive(peer.received.length + 1);
  }
  t.ok(typesOf(peer).length < 100, 'few answers');
});

t.test('a flood whose answers are not read grows no queue', async (t) => {
  const { callee, peer } = await pair(t, {});
  await hears(peer, ACCEPT);
  peer.stream.pause();
  // More than the system takes.
  while (callee.socket.unsent === 0) {
    callee.socket.send(Buffer.alloc(1 << 20));
    await new Promise(setImmediate);
  }
  const before = callee.socket.unsent;
  const flood = Buffer.concat(
    Array.from({ length: 16_384 }, () => frame(PING, 'x'.repeat(60))),
  );
  for (let round = 0; round < 8; round++) {
    await new Promise<void>((resolve) => {
      peer.stream.write(flood, () => {
        resolve();
      });
    });
  }
  peer.stream.write(frame(DATA, 'behind'));
  await callee.until(() => callee.socket.inbox.readable);
  t.ok(callee.socket.unsent <= before + 64, 'one PONG waits');
});

t.test('a peer with a limit is given signs unasked', async (t) => {
  const fields = { idleLimit: 1 };
  await t.test('after its last word, up to ours', async (t) => {
    const { callee, peer } = await pair(t, {}, fields);
    peer.stream.write(disconnectFrame());
    t.equal(await callee.lastWord(), undefined);
    t.same(await hears(peer, PONG, 2), ['', '']);
    callee.socket.sendDisconnect(Buffer.from('ours'));
    peer.stream.end();
    await peer.end();
    t.equal(typesOf(peer).at(-1), DISCONNECT);
  });
  await t.test('while this side does not read', async (t) => {
    const { callee, peer } = await pair(t, { receiveBuffer: 4 }, fields);
    peer.stream.write(frame(DATA, 'more than the buffer takes'));
    await callee.until(() => callee.socket.inbox.receivable > 4);
    t.same(await hears(peer, PONG, 3), ['', '', '']);
  });
  await t.test('while data arrives', async (t) => {
    const { peer } = await pair(t, {}, fields);
    peer.stream.write(frame(DATA, 'a'));
    await hears(peer, PONG);
    peer.stream.write(frame(0xf0, 'b'));
    await hears(peer, PONG, 2);
  });
  await t.test('where it can ask it has to', async (t) => {
    const { peer } = await pair(t, {}, fields);
    const other = await pair(t, {}, fields);
    other.peer.stream.write(disconnectFrame());
    await hears(other.peer, PONG, 3);
    t.same(typesOf(peer), [ACCEPT]);
  });
});

t.test('signs of life that break a rule', async (t) => {
  for (const [octets, name] of [
    [frame(PING, 'x'.repeat(256)), 'frame-too-long'],
    [frame(PONG, 'x'.repeat(256)), 'frame-too-long'],
    [control(NOTICE, { userData: Buffer.alloc(17) }), 'user-data-too-long'],
    [Buffer.concat([disconnectFrame(), frame(PING, '')]), 'trailing-octets'],
  ] as const) {
    const { callee, peer } = await pair(t, { userDataLimit: 16 });
    peer.stream.write(octets);
    await hears(peer, RESET);
    const [last] = framesIn(peer.received).slice(-1);
    t.match(last![1], name);
    const isBehind = name === 'trailing-octets';
    t.equal(await callee.next('closed'), isBehind ? 0 : WSAECONNRESET);
  }
});

t.test('NOTICE is sent and reported', async (t) => {
  const { callee, peer } = await pair(t, {});
  const told: unknown[] = [];
  Object.assign(callee, {
    onNotice(data: Uint8Array | undefined, code: number | undefined) {
      told.push([text(data), code]);
    },
  });
  peer.stream.write(
    Buffer.concat([
      control(NOTICE, { userData: Buffer.from('soon'), code: 0 }),
      frame(DATA, 'still'),
      frame(NOTICE, ''),
      disconnectFrame(),
    ]),
  );
  t.equal(String(await callee.read()), 'still');
  t.strictSame(told, [
    ['soon', 0],
    [undefined, undefined],
  ]);
  const { socket } = callee;
  t.equal(socket.sendNotice(Buffer.alloc(4097), undefined), WSAEMSGSIZE);
  t.equal(socket.sendNotice(Buffer.from('x'), 9), 0);
  t.equal(socket.sendDisconnect(undefined), 0);
  t.not(socket.sendNotice(undefined, undefined), 0);
  await hears(peer, DISCONNECT);
  const notice = control(NOTICE, { userData: Buffer.from('x'), code: 9 });
  t.same(framesIn(peer.received).slice(1), [
    [NOTICE, notice.toString('latin1', 4)],
    [DISCONNECT, ''],
  ]);
});

t.test('many notices between data, in one segment', async (t) => {
  const COUNT = 5000;
  const { callee, peer } = await pair(t, {});
  let told = 0;
  Object.assign(callee, {
    onNotice() {
      told++;
    },
  });
  const one = Buffer.concat([
    frame(DATA, 'x'),
    frame(NOTICE, ''),
    frame(PING, ''),
    frame(PONG, ''),
  ]);
  const all = Array.from({ length: COUNT }, () => one);
  peer.stream.write(Buffer.concat([...all, disconnectFrame('bye')]));
  t.equal((await callee.read()).length, COUNT);
  t.equal(await callee.lastWord(), 'bye');
  t.equal(told, COUNT);
});
