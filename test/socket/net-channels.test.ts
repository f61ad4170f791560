import { channel } from 'node:diagnostics_channel';
import dns from 'node:dns';
import { once } from 'node:events';
import net from 'node:net';
import t from 'tap';
import goodbyte from '../../src/index.js';
import { freePipePath } from '../support/media.js';

// A subscriber to Node's `net` channels sees our connections and servers as often as
// net's, on either transport.

interface Message {
  socket?: object;
  server?: object;
  error?: Error & { code?: string };
  options?: { port?: number; path?: string };
}

const channels = [
  'net.client.socket',
  'net.server.socket',
  'tracing:net.server.listen:asyncStart',
  'tracing:net.server.listen:asyncEnd',
  'tracing:net.server.listen:error',
];

async function watched(
  using: Pick<typeof net, 'connect' | 'createServer'>,
  place: () => { port: number; host: string } | { path: string },
): Promise<string[]> {
  const seen: string[] = [];
  const listeners = channels.map((name) => {
    const listener = (message: unknown) => {
      const { error, socket, server, options } = message as Message;
      const has = { socket, server, options, error: error?.code };
      seen.push(
        `${name} ${JSON.stringify(Object.keys(has).filter((key) => has[key as keyof typeof has]))} ${error?.code ?? ''}`,
      );
    };
    channel(name).subscribe(listener);
    return () => channel(name).unsubscribe(listener);
  });
  const where = place();
  const server = using.createServer((socket) => socket.end());
  await once(server.listen(where), 'listening');
  const address = server.address() as string | net.AddressInfo;
  const target =
    typeof address === 'string'
      ? { path: address }
      : { port: address.port, host: address.address };
  const client = using.connect(target);
  await once(client.resume(), 'close');
  // Wine lets two servers listen on one pipe's name.
  if ('port' in target) {
    const second = using.createServer();
    const failed = once(second, 'error');
    second.listen(target);
    await failed;
  }
  server.close();
  await once(server, 'close');
  for (const stop of listeners) stop();
  return seen.toSorted();
}

const places = {
  'over TCP': () => ({ port: 0, host: '127.0.0.1' }),
  'over a path': () => ({ path: freePipePath() }),
};

for (const [name, place] of Object.entries(places)) {
  t.test(name, async (t) => {
    const theirs = await watched(net, place);
    const ours = await watched(goodbyte as unknown as typeof net, place);
    // Node 20 does not report servers: there the engine reports more.
    const told = (lines: string[], all: string[]) =>
      lines.filter((line) => all.includes(line));
    t.ok(theirs.length > 0);
    t.same(told(ours, theirs), theirs);
    t.equal(ours.length >= theirs.length, true);
  });
}

t.test('a name is listened at beyond the link', async (t) => {
  const { lookup } = dns;
  t.teardown(() => {
    dns.lookup = lookup;
  });
  const answers = [
    { address: 'fe80::1', family: 6 },
    { address: 'febf::abcd', family: 6 },
    { address: '127.0.0.1', family: 4 },
  ];
  // Node 20 asks for one, and lists none to choose from.
  dns.lookup = ((_name: string, ...more: unknown[]) => {
    const callback = more.pop() as (...answer: unknown[]) => void;
    const answer = more.length > 0 ? [answers] : ['127.0.0.1', 4];
    process.nextTick(callback, null, ...answer);
  }) as never;
  const server = goodbyte.createServer().listen(0, 'a name');
  await once(server, 'listening');
  t.match(server.address(), { address: '127.0.0.1' });
  server.close();
});
