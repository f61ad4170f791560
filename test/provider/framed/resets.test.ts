import t, { type Test } from 'tap';
import { framedProvider } from '../../../src/provider/framed/provider.js';
import type { ProviderConnection } from '../../../src/provider/provider.js';
import { FrameType } from '../../../src/provider/framed/wire.js';
import { WSAECONNRESET } from '../../../src/vocabulary/error-codes.js';
import {
  Watched,
  type WatchedListener,
  abortAll,
  acceptAll,
  accepted,
  listening,
  rawCaller,
  text,
  type RawPeer,
} from '../../support/seam.js';
import { call, disconnectFrame, frame } from '../../support/wire.js';
import { needsUnix } from '../../support/platform.js';

// A reset destroys nothing that arrived before it, and is not a graceful end.

/** Whether the system reports a reset or an end depends on which comes first. */
const ROUNDS = 25;

t.afterEach(abortAll);

/** Sends it, and closes at once. */
function sayAndReset(peer: RawPeer, octets: Uint8Array): void {
  peer.stream.write(octets, () => peer.stream.resetAndDestroy());
}

/** An established connection of a raw caller. */
async function standing(
  t: Test,
  listener: WatchedListener,
): Promise<{ peer: RawPeer; callee: Watched }> {
  const peer = rawCaller(t, listener);
  peer.stream.write(call());
  const callee = await accepted(listener);
  await peer.receive(8 + 4);
  return { peer, callee };
}

/** The status of the close and the last word, once everything is read. */
async function ending(callee: Watched): Promise<string> {
  const status = await callee.next('closed');
  const word = text(callee.socket.inbox.receiveDisconnect(100));
  return status === 0 ? `said ${word}` : `${status}`;
}

const hello = frame(FrameType.DATA, 'hello');
const bye = disconnectFrame('bye');
const tcp = { port: 0, host: '127.0.0.1' };

t.test('after everything that a caller sends', async (t) => {
  const listener = await listening(tcp);
  for (let round = 0; round < ROUNDS; round++) {
    // At once, since a reset withdraws a request without a verdict.
    const accepting = new Promise<Watched>((resolve) => {
      listener.onRequest = () => {
        resolve(
          new Watched(listener.socket.accept(acceptAll) as ProviderConnection),
        );
      };
    });
    const peer = rawCaller(t, listener);
    sayAndReset(peer, Buffer.concat([call(), hello, bye]));
    const callee = await accepting;
    t.equal((await callee.read()).toString(), 'hello');
    t.equal(await ending(callee), 'said bye');
  }
});

/** Elsewhere a reset after data looks like a FIN. */
const skip = needsUnix("a look at TCP's state");

for (const echoes of [false, true]) {
  const of = echoes ? 'that is answered' : 'that is read';
  t.test(`after data ${of}`, { skip }, async (t) => {
    const listener = await listening(tcp);
    for (let round = 0; round < ROUNDS; round++) {
      const { peer, callee } = await standing(t, listener);
      if (echoes) {
        const { socket } = callee;
        callee.ontold = () => {
          for (let count = 0; count < 3; count++) socket.send(hello);
        };
      }
      sayAndReset(peer, hello);
      t.equal((await callee.read()).toString(), 'hello');
      t.equal(await ending(callee), `${WSAECONNRESET}`);
    }
  });

  t.test(`after data ${of} and a last word`, async (t) => {
    const listener = await listening(tcp);
    for (let round = 0; round < ROUNDS; round++) {
      const { peer, callee } = await standing(t, listener);
      sayAndReset(peer, Buffer.concat([hello, bye]));
      if (echoes) callee.socket.send(hello);
      t.equal((await callee.read()).toString(), 'hello');
      t.equal(await ending(callee), 'said bye');
    }
  });
}

t.test('without a word before', async (t) => {
  const listener = await listening(tcp);
  for (let round = 0; round < ROUNDS; round++) {
    const { peer, callee } = await standing(t, listener);
    peer.stream.resetAndDestroy();
    t.equal((await callee.read()).length, 0);
    t.equal(await ending(callee), `${WSAECONNRESET}`);
  }
});

// More than the receive buffer holds, and as much as the system's holds.
const much = Buffer.alloc(40_000, 'm');
const bigFrame = frame(FrameType.DATA, much);

/**
 * Whether a failed write closes the connection below the transport, and discards
 * unread data.
 */
const dropsAtWrite = framedProvider.transport!.listening !== 'engine';

for (const writes of [false, true]) {
  if (writes && dropsAtWrite) continue;
  const name = `behind data that nobody reads yet${writes ? ', and writes' : ''}`;
  t.test(name, { skip }, async (t) => {
    const listener = await listening(tcp, { receiveBuffer: 1000 });
    for (const end of [bye, Buffer.alloc(0)]) {
      for (let round = 0; round < 5; round++) {
        const { peer, callee } = await standing(t, listener);
        peer.stream.write(bigFrame);
        await callee.until(
          () => callee.socket.inbox.receivable === much.length,
        );
        // This waits in the system, or in a stream's buffer.
        sayAndReset(peer, Buffer.concat([bigFrame, end]));
        await peer.closed();
        if (writes) {
          while (callee.socket.send(hello) === 0) {
            await new Promise(setImmediate);
          }
        }
        t.equal((await callee.read()).length, 2 * much.length);
        const expected = end === bye ? 'said bye' : `${WSAECONNRESET}`;
        t.equal(await ending(callee), expected);
      }
    }
  });
}
