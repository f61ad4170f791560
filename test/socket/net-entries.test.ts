import { once } from 'node:events';
import net from 'node:net';
import { PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';
import t from 'tap';
import goodbyte from '../../src/index.js';
import { freePipePath } from '../support/media.js';

// An observer of Node's performance entries of the type `net` sees our connects as it
// sees net's, on either transport.

type Net = Pick<typeof net, 'connect' | 'createServer'>;
/** As Node makes it; the types have only what all entries have. */
type Entry = PerformanceEntry & { detail: unknown };
type Target = (port: number) => net.NetConnectOpts;

const lookupOf =
  (...addresses: string[]): net.LookupFunction =>
  (_host, _options, done) => {
    process.nextTick(
      done,
      null,
      addresses.map((address) => ({ address, family: net.isIP(address) })),
    );
  };

/** Connects once, and returns the entries that this makes. */
async function entriesOf(
  { connect, createServer }: Net,
  where: net.ListenOptions,
  target: Target,
): Promise<Entry[]> {
  const server = createServer((socket) => socket.end());
  await once(server.listen(where), 'listening');
  const address = server.address() as string | net.AddressInfo;
  const port = typeof address === 'string' ? 0 : address.port;
  const entries: PerformanceEntry[] = [];
  const observer = new PerformanceObserver((list) => {
    entries.push(...list.getEntries());
  });
  observer.observe({ type: 'net' });
  try {
    const client = connect(target(port)).on('error', () => undefined);
    await new Promise((resolve) => client.resume().once('close', resolve));
    entries.push(...observer.takeRecords());
    return entries as Entry[];
  } finally {
    observer.disconnect();
    server.close();
    await once(server, 'close');
  }
}

const path = freePipePath();
const loopback: net.ListenOptions = { port: 0, host: '127.0.0.1' };

const connects: Record<
  string,
  { where?: net.ListenOptions; target: Target; hosts: string[] }
> = {
  'an address': {
    target: (port) => ({ port, host: '127.0.0.1' }),
    hosts: ['127.0.0.1'],
  },
  'an address of IPv6': {
    where: { port: 0, host: '::1' },
    target: (port) => ({ port, host: '::1' }),
    hosts: ['::1'],
  },
  'a name': {
    target: (port) => ({
      port,
      host: 'name.example',
      lookup: lookupOf('127.0.0.1'),
    }),
    hosts: ['127.0.0.1'],
  },
  'a name whose first address refuses': {
    target: (port) => ({
      port,
      host: 'name.example',
      autoSelectFamily: true,
      lookup: lookupOf('::1', '127.0.0.1'),
    }),
    hosts: ['127.0.0.1'],
  },
  'an address that refuses': {
    target: (port) => ({ port, host: '::1' }),
    hosts: [],
  },
  'a path': { where: { path }, target: () => ({ path }), hosts: [] },
};

for (const [name, { where = loopback, target, hosts }] of Object.entries(
  connects,
)) {
  t.test(name, async (t) => {
    for (const using of [net, goodbyte as unknown as Net]) {
      t.comment(using === net ? 'net' : 'goodbyte');
      let port = 0;
      const before = performance.now();
      const entries = await entriesOf(using, where, (given) =>
        target((port = given)),
      );
      const after = performance.now();
      t.same(
        entries.map(({ name, entryType, detail }) => ({
          name,
          entryType,
          detail,
        })),
        hosts.map((host) => ({
          name: 'connect',
          entryType: 'net',
          detail: { host, port },
        })),
      );
      for (const { startTime, duration } of entries) {
        t.ok(before <= startTime);
        t.ok(startTime + duration <= after);
      }
    }
  });
}
