import { once } from 'node:events';
import http from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { needsUnix } from '../support/platform.js';
import { start } from './run.js';

/** The lines of a program's output, until it ends. */
function linesOf({ stdout }: ReturnType<typeof start>) {
  return createInterface({ input: stdout })[Symbol.asyncIterator]();
}

async function startServer(t: Test) {
  const server = start(t, 'examples/http/server.js', '0');
  const lines = linesOf(server);
  const first = (await lines.next()).value as string;
  return { server, lines, port: Number(first.slice('port '.length)) };
}

async function get(port: number, path: string): Promise<http.IncomingMessage> {
  const request = http.get({ host: 'localhost', port, path, agent: false });
  const [response] = await once(request, 'response');
  return response as http.IncomingMessage;
}

t.test('plain clients and goodbyte’s on one port', async (t) => {
  const { port } = await startServer(t);
  t.equal(await text(await get(port, '/')), 'hello\n');
  const client = start(t, 'examples/http/client.js', String(port));
  t.equal((await linesOf(client).next()).value, 'hello');
});

const skip = needsUnix('SIGTERM');

t.test(
  'at shutdown requests are answered, and reasons sent',
  { skip },
  async (t) => {
    const { server, lines, port } = await startServer(t);
    const exit = once(server, 'exit');
    const slow = await get(port, '/slow');
    const client = start(t, 'examples/http/client.js', String(port));
    const said = linesOf(client);
    t.equal((await said.next()).value, 'hello');
    server.kill('SIGTERM');
    t.equal(await text(slow), 'begun\ndone\n', 'a request under way');
    const reason = 'the server says: restarting, back in a moment';
    t.equal((await said.next()).value, reason);
    t.match((await lines.next()).value, /^told \d clients?, aborted 0$/);
    t.same(await exit, [0, null]);
  },
);
