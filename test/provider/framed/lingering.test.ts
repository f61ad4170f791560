import { once } from 'node:events';
import net from 'node:net';
import t from 'tap';
import { StreamTransport } from '../../../src/provider/framed/stream/transport.js';
import {
  abortAll,
  accepted,
  listening,
  RawPeer,
  targetOf,
} from '../../support/seam.js';
import { needsUnix } from '../../support/platform.js';
import { call } from '../../support/wire.js';

t.afterEach(abortAll);

const tcp = { port: 0, host: '127.0.0.1' };

const skip = needsUnix('a count of what has left of a write under way');
t.test('a long write makes progress', { skip }, async (t) => {
  const server = net.createServer().listen(tcp);
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const accepted = once(server, 'connection') as Promise<[net.Socket]>;
  const reader = net.connect(port, '127.0.0.1').on('error', () => {});
  const [writer] = await accepted;
  server.close();
  const transport = new StreamTransport(writer, {} as never, {
    from: 0 as never,
    controlLimit: 0,
    messageLimit: undefined,
    allowPlain: false,
    holdLimit: 0,
  });
  const octets = Buffer.alloc((16 << 20) - 1);
  transport.sendData([octets], octets.length, () => {});
  const { left, unsent } = transport;
  reader.pause();
  while (transport.left >= left) {
    reader.read();
    await new Promise(setImmediate);
  }
  t.equal(transport.unsent, unsent, 'the write is not whole');
  transport.detach();
  reader.destroy();
  writer.destroy();
  await once(writer, 'close');
});

t.test('a second close, with 0, cuts off what lingers', async (t) => {
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
