import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect as netConnect } from 'node:net';
import path from 'node:path';
import t from 'tap';
import {
  WSAECONNRESET,
  WSAEFAULT,
  WSAENOTCONN,
  WSAENOTSOCK,
  WSAESHUTDOWN,
  WSAEWOULDBLOCK,
} from '../../../src/vocabulary/error-codes.js';
import { FrameType } from '../../../src/provider/framed/wire.js';
import { media } from '../../support/media.js';
import {
  RawPeer,
  abortAll,
  accepted,
  connected,
  listening,
  newConnection,
  targetOf,
  text,
} from '../../support/seam.js';
import { call, disconnectFrame, frame } from '../../support/wire.js';

t.afterEach(abortAll);

const tcp = { port: 0, host: '127.0.0.1' };

async function pair(options = {}) {
  const listener = await listening(tcp, options);
  return connected(listener, targetOf(listener), options);
}

t.test('after WSASendDisconnect', async (t) => {
  const { caller, callee } = await pair();
  t.equal(caller.socket.sendDisconnect(Buffer.from('one')), 0);
  t.equal(caller.socket.send(Buffer.from('x')), WSAESHUTDOWN);
  t.equal(caller.socket.sendDisconnect(undefined), 0, 'again, without data');
  t.equal(
    caller.socket.sendDisconnect(Buffer.alloc(0)),
    0,
    'empty means no data',
  );
  t.equal(caller.socket.sendDisconnect(Buffer.from('two')), WSAESHUTDOWN);

  t.equal(await callee.lastWord(), 'one');
  t.equal(callee.socket.send(Buffer.from('still talking')), 0);
  callee.socket.sendDisconnect(undefined);
  t.equal(String(await caller.read()), 'still talking');
  t.equal(await caller.lastWord(), undefined);
});

t.test('both at once', async (t) => {
  const { caller, callee } = await pair();
  caller.socket.sendDisconnect(Buffer.from('from the caller'));
  callee.socket.sendDisconnect(Buffer.from('from the callee'));
  t.equal(await callee.lastWord(), 'from the caller');
  t.equal(await caller.lastWord(), 'from the callee');
  for (const { told } of [caller, callee]) {
    t.strictSame(
      told.filter(({ event }) => event === 'closed'),
      [{ event: 'closed', status: 0 }],
    );
  }
});

t.test('WSARecvDisconnect', async (t) => {
  const idle = newConnection();
  t.equal(idle.socket.inbox.receiveDisconnect(9), WSAENOTCONN);
  const { caller, callee } = await pair();
  t.equal(
    callee.socket.inbox.receiveDisconnect(9),
    WSAEWOULDBLOCK,
    'too early',
  );
  caller.socket.send(Buffer.from('data'));
  caller.socket.sendDisconnect(Buffer.from('last word'));
  await callee.until(() => callee.socket.inbox.receivable === 4);
  t.equal(
    callee.socket.inbox.receiveDisconnect(9),
    WSAEWOULDBLOCK,
    'not before all data is read',
  );
  t.equal(text(callee.socket.inbox.receive()), 'data');
  t.equal(callee.socket.inbox.receive(), 0);
  t.equal(await callee.next('closed'), 0);
  t.equal(callee.socket.inbox.receiveDisconnect(8), WSAEFAULT);
  t.equal(callee.socket.inbox.disconnectDataLength, 9);
  t.equal(text(callee.socket.inbox.receiveDisconnect(9)), 'last word');
  t.equal(text(callee.socket.inbox.receiveDisconnect(9)), 'last word', 'again');
  callee.socket.close();
  t.equal(callee.socket.inbox.receiveDisconnect(9), WSAENOTSOCK);
  t.equal(callee.socket.close(), WSAENOTSOCK);
});

t.test('the close indication comes after the data', async (t) => {
  const { caller, callee } = await pair();
  const sent = Buffer.alloc(1024 * 1024, 'x');
  caller.socket.send(sent);
  caller.socket.sendDisconnect(Buffer.from('end'));
  let read = 0;
  while (read < sent.length) {
    const piece = callee.socket.inbox.receive(10_000);
    if (typeof piece === 'number') {
      await new Promise(setImmediate);
    } else {
      t.ok(piece.length <= 10_000);
      t.notOk(callee.told.some(({ event }) => event === 'closed'));
      read += piece.length;
    }
  }
  t.equal(await callee.lastWord(), 'end');
});

t.test('none after one’s own closesocket', async (t) => {
  const { caller, callee } = await pair();
  callee.socket.close();
  t.equal(await caller.next('closed'), 0);
  caller.socket.sendDisconnect(Buffer.from('too late for you'));
  await callee.released();
  t.notOk(callee.told.some(({ event }) => event === 'closed'));
});

t.test('a peer that never closes', async (t) => {
  const lingers = {
    'is cut at lingerTimeout': { option: undefined, lingerTimeout: 20 },
    'is cut at the seconds of SO_LINGER': { option: 0.02, lingerTimeout: 1e6 },
  };
  for (const [name, { option, lingerTimeout }] of Object.entries(lingers)) {
    await t.test(name, async (t) => {
      const listener = await listening(tcp, { lingerTimeout });
      const peer = new RawPeer(
        netConnect({ ...targetOf(listener), allowHalfOpen: true }),
      );
      peer.stream.write(call());
      const callee = await accepted(listener);
      callee.socket.sendDisconnect(Buffer.from('go home'));
      callee.socket.close(option);
      await peer.end();
      t.match(peer.received.toString('latin1'), /go home$/);
      await callee.released();
      // A system reports a reset after a FIN only to writers.
      peer.stream.write('too late');
      await peer.closed();
      t.match(peer.error?.message, /ECONNRESET|EPIPE/);
    });
  }
});

t.test('an abort does not wait for queued data', async (t) => {
  for (const medium of media) {
    await t.test(`over ${medium.name}`, async (t) => {
      const listener = await listening(medium.listen());
      const { caller, callee } = await connected(
        listener,
        medium.connect(listener),
      );
      // More than the system takes, so that the rest is queued here.
      while (callee.socket.send(Buffer.alloc(8 * 1024 * 1024)) === 0);
      t.ok(callee.socket.unsent > 0);
      callee.socket.close(0);
      await callee.released();
      await caller.read();
      t.equal(await caller.next('closed'), WSAECONNRESET);
    });
  }
});

t.test('inbound octets do not prolong a linger', async (t) => {
  const listener = await listening(tcp, { lingerTimeout: 20 });
  const peer = new RawPeer(
    netConnect({ ...targetOf(listener), allowHalfOpen: true }),
  );
  peer.stream.write(call());
  const callee = await accepted(listener);
  callee.socket.close();
  let isGone = false;
  peer.stream.once('close', () => (isGone = true));
  while (!isGone) {
    peer.stream.write(frame(FrameType.DATA, 'and another thing'));
    await new Promise(setImmediate);
  }
  t.ok(callee.isReleased);
});

t.test('a reset after the last word', async (t) => {
  const listener = await listening(tcp);
  const peer = new RawPeer(
    netConnect({ ...targetOf(listener), allowHalfOpen: true }),
  );
  peer.stream.write(call());
  const callee = await accepted(listener);
  peer.stream.write(disconnectFrame('bye'));
  t.equal(await callee.lastWord(), 'bye');
  peer.stream.resetAndDestroy();
  let status = 0;
  while (status === 0) {
    status = callee.socket.send(Buffer.from('are you there?'));
    await new Promise(setImmediate);
  }
  t.equal(status, WSAECONNRESET);
  t.equal(
    text(callee.socket.inbox.receiveDisconnect(9)),
    'bye',
    'it stays said',
  );
  t.equal(callee.told.filter(({ event }) => event === 'closed').length, 1);
});

t.test('sending would block, and continues', async (t) => {
  const { caller, callee } = await pair();
  const piece = Buffer.alloc(256 * 1024, 'x');
  let sent = 0;
  while (callee.socket.send(piece) === 0) sent += piece.length;
  t.equal(callee.socket.send(piece), WSAEWOULDBLOCK);
  t.equal(
    callee.socket.sendDisconnect(Buffer.from('the end')),
    0,
    'a last word never blocks',
  );
  t.equal((await caller.read()).length, sent);
  t.equal(await caller.lastWord(), 'the end');
  t.equal(callee.socket.send(piece), WSAESHUTDOWN);
});

t.test('onWritable signals when sending can continue', async (t) => {
  const { caller, callee } = await pair();
  const piece = Buffer.alloc(256 * 1024, 'x');
  while (callee.socket.send(piece) === 0);
  void caller.read();
  t.equal(await callee.next('writable'), 0);
  t.equal(callee.socket.send(piece), 0);
});

t.test('SD_RECEIVE drops input', async (t) => {
  const { caller, callee } = await pair();
  caller.socket.send(Buffer.from('before'));
  await callee.until(() => callee.socket.inbox.receivable > 0);
  t.equal(callee.socket.inbox.shutdownReceive(), 0);
  t.equal(callee.socket.inbox.receive(), WSAESHUTDOWN);
  caller.socket.send(Buffer.alloc(1024 * 1024));
  caller.socket.sendDisconnect(Buffer.from('heard all the same'));
  t.equal(await callee.lastWord(), 'heard all the same');
  t.equal(callee.socket.inbox.receivable, 0);
});

t.test('a connection that is over is closed later', async (t) => {
  const { caller, callee } = await pair();
  caller.socket.sendDisconnect(undefined);
  callee.socket.sendDisconnect(undefined);
  await Promise.all([caller.lastWord(), callee.lastWord()]);
  // The system does not report when it is done.
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
  t.equal(caller.socket.close(), 0);
  t.equal(callee.socket.close(0), 0);
  await Promise.all([caller.released(), callee.released()]);
});

t.test('a lingering connection keeps its process alive', async (t) => {
  const listener = await listening(tcp);
  const child = spawn(
    process.execPath,
    [
      path.join(import.meta.dirname, '../../support/last-word-and-exit.js'),
      String(targetOf(listener).port),
    ],
    { stdio: 'inherit', env: {} },
  );
  const callee = await accepted(listener);
  const octets = await callee.read();
  t.equal(octets.length, 8 * 1024 * 1024);
  t.equal(await callee.lastWord(), 'from a process at its end');
  callee.socket.close();
  const [code] = await once(child, 'exit');
  t.equal(code, 0);
});
