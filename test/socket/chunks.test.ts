import { once } from 'node:events';
import { Writable } from 'node:stream';
import t from 'tap';
import { connect, createServer, type Socket } from '../../src/index.js';
import { freePipePath } from '../support/media.js';

/**
 * An application owns the memory of its chunks: it sees no octet of another connection
 * there, and takes none away.
 */

// Each connection writes one of the sizes at the same time as the others, so that a
// turn of the loop brings pieces of several; in the next round, the next size. None
// of these octets occurs in a frame's header.
const fills = [0xe1, 0xe2, 0xe3, 0xe4];
const sizes = [60_000, 20, 65_536, 7, 33_000, 200, 100_000, 1];
const total = sizes.reduce((sum, size) => sum + size, 0);

type Take = (chunk: Uint8Array) => void;

interface Way {
  name: string;
  messages?: boolean;
  /** Passes all data to `take`; resolves at the end. */
  receive(socket: Socket, take: Take): Promise<unknown>;
}

const byEvent = (socket: Socket, take: Take) => {
  socket.on('data', take);
  return once(socket, 'end');
};

const ways: Way[] = [
  { name: 'the event data', receive: byEvent },
  { name: 'messages', messages: true, receive: byEvent },
  {
    name: 'read()',
    receive(socket, take) {
      socket.on('readable', () => {
        for (;;) {
          const chunk = socket.read() as Buffer | null;
          if (chunk === null) return;
          take(chunk);
        }
      });
      return once(socket, 'end');
    },
  },
  {
    name: 'for await',
    async receive(socket, take) {
      for await (const chunk of socket) take(chunk as Buffer);
    },
  },
  {
    name: 'pipe',
    receive(socket, take) {
      const sink = new Writable({
        write(chunk: Buffer, _encoding, done) {
          take(chunk);
          done();
        },
      });
      socket.pipe(sink);
      return once(sink, 'finish');
    },
  },
];

const uses = {
  cloned: (chunk: Uint8Array) => {
    structuredClone(chunk.buffer);
  },
  transferred: (chunk: Uint8Array) => {
    const buffer = chunk.buffer as ArrayBuffer;
    try {
      structuredClone(buffer, { transfer: [buffer] });
    } catch (error) {
      // Node's own pool cannot be transferred.
      if ((error as Error).name !== 'DataCloneError') throw error;
    }
  },
};

/** Checks all the memory of a chunk; returns its own octets. */
function strangers(chunk: Uint8Array, own: number): number {
  // read() joins small pieces in Node's pool, which the whole process shares.
  if (chunk.buffer.byteLength === Buffer.poolSize) return 0;
  const others = fills.filter((fill) => fill !== own);
  const memory = Buffer.from(chunk.buffer);
  return others.filter((fill) => memory.includes(fill)).length;
}

for (const medium of ['TCP', 'pipe']) {
  for (const way of ways) {
    for (const [use, apply] of Object.entries(uses)) {
      t.test(`${way.name}, ${use} (${medium})`, async (t) => {
        const socketType = way.messages ? 'message' : 'stream';
        const received: Promise<void>[] = [];
        let here = 0;
        let onhere = () => {};
        const server = createServer({ socketType }, (socket) => {
          const own = Number(String(socket.callerData));
          let length = 0;
          let wrong = 0;
          const take: Take = (chunk) => {
            length += chunk.length;
            here += chunk.length;
            for (const octet of chunk) if (octet !== own) wrong++;
            wrong += strangers(chunk, own);
            apply(chunk);
            onhere();
          };
          const heard = async () => {
            await way.receive(socket, take);
            t.equal(length, total, 'all has come');
            t.equal(wrong, 0, 'nothing else was there to be seen');
          };
          received.push(heard());
        });
        server.listen(
          medium === 'TCP'
            ? { port: 0, host: '127.0.0.1' }
            : { path: freePipePath() },
        );
        await once(server, 'listening');
        const address = server.address()!;
        const target =
          typeof address === 'string'
            ? { path: address }
            : { port: address.port, host: '127.0.0.1' };
        const callers = await Promise.all(
          fills.map(async (fill) => {
            const callerData = String(fill);
            const caller = connect({ ...target, socketType, callerData });
            await once(caller, 'connect');
            return { caller, fill };
          }),
        );
        let sent = 0;
        for (let round = 0; round < sizes.length; round++) {
          for (const [index, { caller, fill }] of callers.entries()) {
            const size = sizes[(round + index) % sizes.length]!;
            caller.write(Buffer.alloc(size, fill));
            sent += size;
          }
          await new Promise<void>((resolve) => {
            onhere = () => {
              if (here === sent) resolve();
            };
            onhere();
          });
        }
        for (const { caller } of callers) caller.end().resume();
        await Promise.all(callers.map(({ caller }) => once(caller, 'close')));
        await Promise.all(received);
        server.close();
      });
    }
  }
}

t.test('the small writes of a tick arrive in pieces of one read', async (t) => {
  const lengths: number[] = [];
  const octets = 67 * 1024;
  const server = createServer((socket) => {
    for (let at = 0; at < octets; at += 1024) socket.write(Buffer.alloc(1024));
    socket.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const socket = connect(port, '127.0.0.1');
  socket.on('data', (chunk) => lengths.push(chunk.length));
  await once(socket, 'end');
  t.equal(
    lengths.reduce((sum, length) => sum + length, 0),
    octets,
  );
  // As in net, whose reads have 64 KiB; here with room for headers.
  t.ok(Math.max(...lengths) < 65 * 1024, String(lengths));
  server.close();
});
