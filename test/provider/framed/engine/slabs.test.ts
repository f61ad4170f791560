import { once } from 'node:events';
import t from 'tap';
import { connect, createServer } from '../../../../src/index.js';
import { framedProvider } from '../../../../src/provider/framed/provider.js';

const { transport } = framedProvider.transport!;

t.test(
  'a slab that went with a piece is not read into again, whatever fails',
  { skip: transport !== 'engine' && 'the engine is not used' },
  async (t) => {
    const size = 64 * 1024;
    const rounds = 40;
    const kept: Buffer[] = [];
    let here = 0;
    let onhere = () => {};
    const server = createServer((socket) => {
      socket.on('data', (chunk: Buffer) => {
        kept.push(chunk);
        here += chunk.length;
        onhere();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const caller = connect({ port, host: '127.0.0.1' });
    await once(caller, 'connect');

    const allocUnsafeSlow = Buffer.allocUnsafeSlow.bind(Buffer);
    t.teardown(() => {
      Buffer.allocUnsafeSlow = allocUnsafeSlow;
    });
    let asked = 0;
    Buffer.allocUnsafeSlow = (length) => {
      // Only slabs are longer than the data sent.
      if (length > size && ++asked % 3 > 0) throw new RangeError('no memory');
      return allocUnsafeSlow(length);
    };
    for (let round = 1; round <= rounds; round++) {
      caller.write(Buffer.alloc(size, round));
      await new Promise<void>((resolve) => {
        onhere = () => {
          if (here === round * size) resolve();
        };
        onhere();
      });
    }
    t.ok(asked > rounds / 2, `slabs went with pieces: ${asked}`);
    const all = Buffer.concat(kept);
    const expected = Buffer.concat(
      Array.from({ length: rounds }, (_, at) => Buffer.alloc(size, at + 1)),
    );
    t.ok(all.equals(expected), 'what is kept stays as it came');
    caller.end();
    await once(caller.resume(), 'close');
    server.close();
  },
);
