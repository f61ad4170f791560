import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { resetTcp } from '../src/tcp-reset.js';

/** Both ends of a connection of Node's. */
async function pair(t: Test): Promise<{ near: Socket; far: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  t.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const near = connect({ port, host: '127.0.0.1' });
  const [far] = (await once(server, 'connection')) as [Socket];
  await once(near, 'connect');
  return { near, far };
}

for (const { name, before } of [
  { name: 'idle', before: () => {} },
  {
    name: 'with more queued than the system takes',
    before: (near: Socket) => near.write(Buffer.alloc(16 * 2 ** 20)),
  },
  {
    name: 'with more queued, and its end',
    before: (near: Socket) => near.end(Buffer.alloc(16 * 2 ** 20)),
  },
  { name: 'whose FIN is on its way', before: (near: Socket) => near.end() },
  {
    name: 'that was reset before',
    before: (near: Socket) => near.resetAndDestroy(),
  },
]) {
  t.test(`a connection ${name} is reset, and closed`, async (t) => {
    const { near, far } = await pair(t);
    const told = new Promise<unknown>((resolve) => far.once('error', resolve));
    far.pause();
    near.on('error', () => {});
    const closed = new Promise((resolve) => near.once('close', resolve));
    before(near);
    resetTcp(near);
    await closed;
    far.resume();
    // If FIN came first, a write finds the reset.
    const poll = setInterval(() => far.write('?'), 10);
    const error = await told;
    clearInterval(poll);
    t.match((error as NodeJS.ErrnoException).code, /^(ECONNRESET|EPIPE)$/);
  });
}

t.test('a connection that breaks while its FIN is on its way', async (t) => {
  const { near, far } = await pair(t);
  far.on('error', () => {});
  near.on('error', () => {});
  const closed = new Promise((resolve) => near.once('close', resolve));
  near.end();
  resetTcp(near);
  // As if the peer's reset had destroyed it.
  near.destroy(new Error('broken'));
  far.destroy();
  await closed;
  t.pass('its handle is closed');
});
