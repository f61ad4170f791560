import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import t from 'tap';
import { createServer } from '../../src/index.js';
import { connect, listen } from '../../src/promises.js';
import { connected } from '../support/serve.js';

// Other processes receive handles that net made, and speak goodbyte on them; goodbyte's
// own have state on this side, and are refused.

const program = path.join(import.meta.dirname, '../support/handed-over.js');

t.test('a server of net is handed over', async (t) => {
  const child = fork(program);
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  child.send('server', server);
  await once(child, 'message');
  // Now only the child accepts callers.
  server.close();
  const socket = await connect(port, '127.0.0.1');
  const answer = await socket.disconnect('bye');
  t.equal(String(answer), `${child.pid} heard bye`);
  child.send('done');
  t.match(await once(child, 'exit'), [0]);
});

t.test('a connection is handed over before its handshake', async (t) => {
  const child = fork(program);
  const server = net.createServer({ pauseOnConnect: true }, (raw) => {
    child.send('socket', raw);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const socket = await connect(port, '127.0.0.1');
  const answer = await socket.disconnect('bye');
  t.equal(String(answer), `${child.pid} heard bye`);
  server.close();
  child.send('done');
  t.match(await once(child, 'exit'), [0]);
});

t.test("goodbyte's own options are refused", async (t) => {
  const child = fork(program);
  const { caller } = await connected(t);
  const server = await listen(createServer(), { port: 0 });
  for (const handle of [caller, server] as unknown as net.Socket[]) {
    t.throws(() => child.send('handle', handle), {
      code: 'ERR_INVALID_HANDLE_TYPE',
    });
  }
  t.throws(() => spawn(process.execPath, ['-v'], { stdio: [caller] }), {
    code: 'ERR_INVALID_ARG_VALUE',
  });
  server.close();
  child.send('done');
  t.match(await once(child, 'exit'), [0]);
});
