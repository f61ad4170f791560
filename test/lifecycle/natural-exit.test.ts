import { once } from 'node:events';
import path from 'node:path';
import t, { type Test } from 'tap';
import { accept, createServer, type Socket } from '../../src/index.js';
import { onTransports, pipeFolder, report, run } from './support/children.js';
import { close, host, type Target } from './support/exchange.js';

onTransports(
  t,
  "unref'd connections do not count as work",
  async (t, transport) => {
    const server = createServer(
      {
        condition: ({ callerData }) =>
          String(callerData) === 'open' ? accept() : new Promise(() => {}),
      },
      (socket) => socket.on('error', () => {}).resume(),
    );
    server.listen(0, host);
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const args = [String(port), pipeFolder(t)];
    t.same(await report(t, 'unref', args, { transport }), {
      open: 'open',
      waiting: 'opening',
    });
    await close(server);
  },
);

async function hearLastWord(t: Test, socket: Socket): Promise<void> {
  let octets = 0;
  socket.on('data', (data) => {
    octets += data.length;
  });
  const [word] = (await once(socket, 'disconnect')) as [Buffer];
  t.equal(octets, 8 * 1024 * 1024);
  t.equal(String(word), 'from a process at its end');
}

onTransports(t, 'a last word keeps its process alive', async (t, transport) => {
  const places: Target[] = [
    { port: 0, host },
    { path: path.join(pipeFolder(t), 'pipe') },
  ];
  for (const place of places) {
    const server = createServer();
    server.listen(place);
    await once(server, 'listening');
    const address = server.address();
    const target =
      typeof address === 'string'
        ? { path: address }
        : { port: address!.port, host };
    const heard = once(server, 'connection').then(([socket]) =>
      hearLastWord(t, socket as Socket),
    );
    const outcome = await run('last-word', [JSON.stringify(target)], {
      transport,
    });
    t.match(outcome, { code: 0, signal: null, stderr: '' });
    await heard;
    await close(server);
  }
});
