import { once } from 'node:events';
import net from 'node:net';
import { Duplex } from 'node:stream';
import t from 'tap';
import type { Socket } from '../../src/index.js';
import { FrameType } from '../../src/provider/framed/wire.js';
import { SOCK_SEQPACKET } from '../../src/vocabulary/constants.js';
import { serve } from '../support/serve.js';
import { call, disconnectFrame, frame } from '../support/wire.js';

// Octets that arrive together form one `data` event, however many frames they were in; a
// message is always one.

const texts = Array.from({ length: 16 }, (_, index) => `${index}.`.repeat(50));
const octets = Buffer.concat([
  ...texts.map((text) => frame(FrameType.DATA, text)),
  disconnectFrame('bye'),
]);

const cases = [
  { what: 'behind the accept', early: false, messages: false },
  { what: 'held until the accept', early: true, messages: false },
  { what: 'as messages', early: false, messages: true },
];

for (const { what, early, messages } of cases) {
  t.test(what, async (t) => {
    const socketType = messages ? 'message' : 'stream';
    const { server, port } = await serve(t, { socketType });
    const taken = once(server, 'connection') as Promise<[Socket]>;
    const raw = net.connect({ port, host: '127.0.0.1', noDelay: true });
    raw.on('error', () => {});
    const request = call(messages ? { socketType: SOCK_SEQPACKET } : {});
    raw.write(early ? Buffer.concat([request, octets]) : request);
    const [socket] = await taken;
    const seen: string[] = [];
    socket.on('data', (chunk) => seen.push(String(chunk)));
    if (!early) raw.write(octets);
    await once(socket, 'end');
    t.same(seen, messages ? texts : [texts.join('')]);
    t.equal(String(socket.disconnectData), 'bye', 'and the last word after it');
    raw.destroy();
  });
}

t.test('a large piece is not copied to join others', async (t) => {
  const { server } = await serve(t, {});
  const stream = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      done();
    },
  });
  const taken = once(server, 'connection') as Promise<[Socket]>;
  server.adopt(stream);
  stream.push(call({}));
  const [socket] = await taken;
  const chunk = Buffer.concat([
    frame(FrameType.DATA, 'a'.repeat(60_000)),
    frame(FrameType.DATA, 'b'.repeat(1000)),
    frame(FrameType.DATA, 'c'.repeat(1000)),
    disconnectFrame('bye'),
  ]);
  const seen: Buffer[] = [];
  socket.on('data', (data: Buffer) => seen.push(data));
  stream.push(chunk);
  await once(socket, 'end');
  t.same(
    seen.map((data) => data.length),
    [60_000, 2000],
  );
  t.equal(seen[0]?.buffer, chunk.buffer);
  socket.destroy();
});
