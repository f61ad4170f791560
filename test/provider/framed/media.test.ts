import { duplexPair } from '../../support/duplex-pair.js';
import t from 'tap';
import {
  CF_ACCEPT,
  SOCK_SEQPACKET,
} from '../../../src/vocabulary/constants.js';
import {
  WSAECONNRESET,
  WSAEDISCON,
  WSAEWOULDBLOCK,
} from '../../../src/vocabulary/error-codes.js';
import { media } from '../../support/media.js';
import {
  accepted,
  connected,
  dialing,
  listening,
  newListener,
  text,
  type Watched,
} from '../../support/seam.js';

for (const medium of media) {
  t.test(`over ${medium.name}`, async (t) => {
    t.test('the first and the last words go both ways', async (t) => {
      const listener = await listening(medium.listen());
      const caller = dialing(medium.connect(listener), {
        callerData: Buffer.from('teller 7'),
      });
      const callee = await accepted(listener, (request) => {
        t.equal(text(request.callerData), 'teller 7');
        t.ok(request.framed);
        return { verdict: CF_ACCEPT, data: Buffer.from('good morning') };
      });
      t.equal(await caller.next('connect'), 0);
      t.equal(text(caller.socket.connectData.calleeData), 'good morning');

      t.equal(caller.socket.sendDisconnect(Buffer.from('total 41')), 0);
      t.equal(await callee.lastWord(), 'total 41');
      t.equal(callee.socket.sendDisconnect(Buffer.from('grand 82')), 0);
      t.equal(callee.socket.close(), 0);
      t.equal(await caller.lastWord(), 'grand 82');
      t.equal(caller.socket.close(), 0);

      await Promise.all([caller.released(), callee.released()]);
      listener.socket.close();
    });

    t.test('a last word survives unread data', async (t) => {
      const listener = await listening(medium.listen());
      const { caller, callee } = await connected(
        listener,
        medium.connect(listener),
      );
      caller.socket.send(Buffer.alloc(8192));
      await callee.until(() => callee.socket.inbox.receivable > 0);
      callee.socket.sendDisconnect(Buffer.from('unread, and heard'));
      callee.socket.close();
      t.equal(await caller.lastWord(), 'unread, and heard');
      caller.socket.close();
      await callee.released();
      listener.socket.close();
    });

    t.test('it waits for all sent data', async (t) => {
      const listener = await listening(medium.listen());
      const { caller, callee } = await connected(
        listener,
        medium.connect(listener),
      );
      const sent = Buffer.alloc(3 * 1024 * 1024, 'goodbyte');
      callee.socket.send(sent);
      callee.socket.sendDisconnect(Buffer.from('that was all'));
      callee.socket.close();
      t.ok((await caller.read()).equals(sent), 'all octets, in their order');
      t.equal(await caller.lastWord(), 'that was all');
      caller.socket.close();
      await callee.released();
      listener.socket.close();
    });

    t.test('an abort is a reset to the peer', async (t) => {
      const listener = await listening(medium.listen());
      const { caller, callee } = await connected(
        listener,
        medium.connect(listener),
      );
      callee.socket.close(0);
      t.equal(await caller.next('closed'), WSAECONNRESET);
      t.equal(caller.socket.inbox.receive(), WSAECONNRESET);
      caller.socket.close();
      await caller.released();
      listener.socket.close();
    });

    t.test('messages keep their boundaries', async (t) => {
      const options = { socketType: SOCK_SEQPACKET };
      const listener = await listening(medium.listen(), options);
      const { caller, callee } = await connected(
        listener,
        medium.connect(listener),
        options,
      );
      const messages = ['one', '', 'three', 'x'.repeat(300_000)];
      for (const message of messages) {
        t.equal(caller.socket.send(Buffer.from(message)), 0);
      }
      caller.socket.sendDisconnect(undefined);
      for (const message of messages) {
        t.equal(await nextMessage(callee), message);
      }
      t.equal(await nextMessage(callee), WSAEDISCON);
      t.equal(await callee.next('closed'), 0);
      callee.socket.close();
      caller.socket.close();
      await Promise.all([caller.released(), callee.released()]);
      listener.socket.close();
    });
  });
}

async function nextMessage(at: Watched) {
  let message: Uint8Array | number = WSAEWOULDBLOCK;
  await at.until(
    () => (message = at.socket.inbox.receive()) !== WSAEWOULDBLOCK,
  );
  return text(message);
}

t.test('over any Duplex', async (t) => {
  const [here, there] = duplexPair();
  const listener = newListener();
  listener.socket.adopt(there);
  const caller = dialing({ stream: here }, { callerData: Buffer.from('me') });
  const callee = await accepted(listener, (request) => {
    t.equal(text(request.callerData), 'me');
    t.equal(request.stream, there);
    return { verdict: CF_ACCEPT };
  });
  t.equal(await caller.next('connect'), 0);
  caller.socket.send(Buffer.from('data'));
  caller.socket.sendDisconnect(Buffer.from('bye'));
  t.equal(String(await callee.read()), 'data');
  t.equal(await callee.lastWord(), 'bye');
  callee.socket.sendDisconnect(Buffer.from('good bye'));
  callee.socket.close();
  t.equal(await caller.lastWord(), 'good bye');
  caller.socket.close();
  await Promise.all([caller.released(), callee.released()]);
  t.ok(here.destroyed && there.destroyed);

  t.test('an abort says so in a frame', async (t) => {
    const [here, there] = duplexPair();
    listener.socket.adopt(there);
    const caller = dialing({ stream: here });
    const callee = await accepted(listener);
    t.equal(await caller.next('connect'), 0);
    callee.socket.close(0);
    t.equal(await caller.next('closed'), WSAECONNRESET);
    caller.socket.close();
    await caller.released();
  });
});
