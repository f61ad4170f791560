// The same program has to observe the same on node:net and here.
import { once } from 'node:events';
import net from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import goodbyte from '../../src/index.js';

type Net = typeof net;
type Log = (...what: unknown[]) => void;

/** A server, a client, and both ends of their connection. */
async function pair(
  { createServer, connect }: Net,
  serverOptions: net.ServerOpts = {},
  clientOptions: Partial<net.TcpNetConnectOpts> = {},
): Promise<{ server: net.Server; client: net.Socket; peer: net.Socket }> {
  const server = createServer(serverOptions);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const client = connect({ port, host: '127.0.0.1', ...clientOptions });
  const [[peer]] = (await Promise.all([
    once(server, 'connection'),
    once(client, 'connect'),
  ])) as [[net.Socket], unknown];
  server.close();
  for (const socket of [client, peer]) {
    closings.set(
      socket,
      new Promise((resolve) => socket.once('close', resolve)),
    );
  }
  return { server, client, peer };
}

function watch(log: Log, name: string, socket: net.Socket): void {
  for (const event of ['connect', 'ready', 'end', 'finish', 'timeout']) {
    socket.on(event, () => {
      log(name, event);
    });
  }
  socket.on('error', (error: NodeJS.ErrnoException) => {
    log(name, 'error', error.code, error.syscall);
  });
  socket.on('close', (hadError) => {
    log(name, 'close', hadError);
  });
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** `closed` is true before 'close' is emitted; this is about the event. */
async function closed(socket: net.Socket): Promise<void> {
  const seen = closings.get(socket);
  await (seen ?? new Promise((resolve) => socket.once('close', resolve)));
}
const closings = new WeakMap<net.Socket, Promise<unknown>>();

const programs: Record<string, (net: Net, log: Log) => Promise<void>> = {
  async 'an end is answered by an end'(net, log) {
    const { client, peer, server } = await pair(net);
    watch(log, 'client', client);
    client.resume();
    peer.resume();
    client.end('data');
    await Promise.all([closed(client), closed(peer), once(server, 'close')]);
    log(peer.bytesRead, client.bytesWritten, client.readyState);
  },

  async 'half-open ends wait for each other'(net, log) {
    const half = { allowHalfOpen: true };
    const { client, peer } = await pair(net, half, half);
    watch(log, 'client', client);
    peer.resume();
    client.end();
    await once(peer, 'end');
    log(peer.writable, peer.readyState, client.readyState);
    peer.end('late');
    client.setEncoding('utf8');
    for await (const text of client) log(text);
    await Promise.all([closed(client), closed(peer)]);
  },

  async 'a write behind the automatic end is EPIPE'(net, log) {
    const { client, peer } = await pair(net);
    peer.end();
    client.resume();
    await once(client, 'end');
    await once(client, 'finish').catch(() => {});
    const failed = new Promise<void>((resolve) => {
      client.write('x', (error) => {
        log((error as NodeJS.ErrnoException).code);
        resolve();
      });
    });
    client.on('error', () => {});
    await failed;
    peer.destroy();
    await closed(client);
  },

  async 'the automatic end has a listener of its own'(net, log) {
    for (const allowHalfOpen of [false, true]) {
      log(new net.Socket({ allowHalfOpen }).listenerCount('end'));
    }
    const { client, peer } = await pair(net);
    client.removeAllListeners('end');
    peer.end();
    client.resume();
    await once(client, 'end');
    client.write('x', (error) => {
      log((error as NodeJS.ErrnoException).code);
    });
    watch(log, 'client', client);
    await closed(client);
    peer.destroy();
    await closed(peer);
  },

  async 'writes made while connecting'({ createServer, connect }, log) {
    const server = createServer((peer) => peer.resume());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const client = connect(port, '127.0.0.1').resume();
    watch(log, 'client', client);
    client.write('a', () => log('first'));
    client.write('b', () => log('second'));
    client.end('c', () => log('last'));
    await closed(client);
    server.close();
  },

  async 'a reset is an error at the other end'(net, log) {
    const { client, peer } = await pair(net);
    watch(log, 'client', client);
    const atPeer: unknown[][] = [];
    watch((...what) => atPeer.push(what), 'peer', peer);
    client.resetAndDestroy();
    await Promise.all([closed(client), closed(peer)]);
    // The system chooses which end closes first.
    for (const what of atPeer) log(...what);
  },

  async 'destroy with an error'(net, log) {
    const { client, peer } = await pair(net);
    watch(log, 'client', client);
    peer.resume();
    client.destroy(Object.assign(new Error('mine'), { code: 'MINE' }));
    log(client.destroyed, client.readyState);
    await Promise.all([closed(client), closed(peer)]);
  },

  async 'destroySoon flushes'(net, log) {
    const { client, peer } = await pair(net);
    client.write(Buffer.alloc(200_000));
    client.destroySoon();
    let length = 0;
    for await (const piece of peer) length += (piece as Buffer).length;
    log(length);
    await closed(client);
  },

  async 'pipe echoes a stream'(net, log) {
    const { client, peer } = await pair(net);
    peer.pipe(peer);
    const sent = Buffer.alloc(500_000, 'abcdefg');
    client.end(sent);
    const pieces: Buffer[] = [];
    for await (const piece of client) pieces.push(piece as Buffer);
    log(Buffer.concat(pieces).equals(sent));
    await closed(peer);
  },

  async 'a writer is held back'(net, log) {
    const { client, peer } = await pair(net);
    peer.pause();
    let writes = 0;
    while (client.write(Buffer.alloc(65_536)) && writes < 1000) writes++;
    log(writes < 1000, client.writableNeedDrain);
    peer.resume();
    await once(client, 'drain');
    log(client.writableNeedDrain, client.writableLength);
    client.destroy();
    await closed(peer);
  },

  async 'pauseOnConnect holds all back'(net, log) {
    const { client, peer } = await pair(net, { pauseOnConnect: true });
    log(peer.isPaused(), peer.readableFlowing);
    client.end('held');
    await once(client, 'finish');
    log(peer.bytesRead);
    peer.on('data', (data) => {
      log(String(data));
    });
    peer.resume();
    client.resume();
    await Promise.all([closed(peer), closed(client)]);
  },

  async 'timeouts come once and again'(net, log) {
    const { client, peer } = await pair(net);
    log(client.timeout);
    client.setTimeout(20);
    log(client.timeout);
    await once(client, 'timeout');
    client.setTimeout(0);
    client.destroy();
    peer.resume();
    await closed(peer);
  },

  async 'what a socket is, at each stage'(net, log) {
    const socket = new net.Socket();
    log(socket.pending, socket.connecting, socket.readyState);
    log(socket.address(), socket.remoteAddress, socket.bufferSize);
    log(socket.bytesRead, socket.bytesWritten, socket.timeout);
    const { client, peer } = await pair(net);
    log(client.pending, client.connecting, client.readyState);
    log(client.remoteAddress, client.remoteFamily, client.localFamily);
    log(client.remotePort === peer.localPort, client.bufferSize);
    log(client.localPort === (client.address() as net.AddressInfo).port);
    client.destroy();
    log(client.pending, client.destroyed, client.localAddress);
    peer.resume();
    await closed(peer);
  },

  async 'a socket connects again'(net, log) {
    const server = net.createServer((socket) => socket.end('hello'));
    server.listen(0);
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const socket = new net.Socket();
    for (let round = 0; round < 2; round++) {
      socket.connect(port);
      log(socket.connecting, socket.destroyed);
      const done = closed(socket);
      const [data] = (await once(socket, 'data')) as [Buffer];
      log(String(data));
      await done;
    }
    server.close();
  },

  async 'what is written before the connection stands'(net, log) {
    const server = net.createServer();
    server.listen(0);
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const client = net.connect({ port }, () => {
      log('listener');
    });
    watch(log, 'client', client);
    client.write('early ');
    client.end('words');
    log(client.bytesWritten);
    const done = closed(client);
    const [peer] = (await once(server, 'connection')) as [net.Socket];
    let text = '';
    for await (const piece of peer) text += String(piece);
    log(text);
    client.resume();
    await done;
    server.close();
  },

  async 'destroy while connecting'(net, log) {
    const server = net.createServer();
    server.listen(0);
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const client = net.connect(port, '127.0.0.1');
    watch(log, 'client', client);
    client.write('x', (error) => {
      log((error as NodeJS.ErrnoException).code);
    });
    client.destroy();
    await closed(client);
    await nextTurn();
    server.close();
  },

  async 'nobody listens'(net, log) {
    const client = net.connect({ port: 1, host: '127.0.0.1' });
    const done = closed(client);
    watch(log, 'client', client);
    const failed = new Promise((resolve) => client.once('error', resolve));
    const error = (await failed) as NodeJS.ErrnoException & net.AddressInfo;
    log(error.message, error.errno, error.address, error.port);
    await done;
  },

  async 'nobody listens, and our end is said'(net, log) {
    for (const ends of [
      { localAddress: '127.0.0.1' },
      { localAddress: '127.0.0.1', localPort: await freePort() },
      { localPort: await freePort() },
    ]) {
      const client = net.connect({ port: 1, host: '127.0.0.1', ...ends });
      const [error] = (await once(client, 'error').catch((error: unknown) => [
        error,
      ])) as [Record<string, unknown>];
      log(error['localAddress'], error['localPort'] === ends.localPort);
      log(error['address'], error['port']);
    }
  },

  async 'nobody listens at any address of a name'(net, log) {
    const client = net.connect({
      port: 1,
      host: 'a name',
      autoSelectFamily: true,
      lookup: (_name, _options, callback) => {
        process.nextTick(callback, null, [
          { address: '127.0.0.1', family: 4 },
          { address: '127.0.0.2', family: 4 },
        ]);
      },
    });
    client.on('connectionAttemptFailed', (...about: unknown[]) => {
      const error = about.pop() as Error;
      log(...about, error.message);
    });
    const failed = new Promise((resolve) => client.once('error', resolve));
    const error = (await failed) as AggregateError & { code: string };
    log(error.name, error.constructor.name, error.message, error.code);
    log(error instanceof AggregateError, error.stack?.split('\n')[0]);
    log(Object.getOwnPropertyDescriptor(error, 'errors')?.enumerable);
    for (const one of error.errors as Error[]) {
      log(one.message, Object.entries(one));
    }
    log(client.autoSelectFamilyAttemptedAddresses);
  },

  async 'a peer that resets'(net, log) {
    const { client, peer } = await pair(net);
    const failed = new Promise((resolve) => peer.once('error', resolve));
    client.resetAndDestroy();
    const error = (await failed) as NodeJS.ErrnoException;
    log(error.name, error.message, error.code, error.errno, error.syscall);
  },

  async 'a name that there is not'(net, log) {
    const client = net.connect({
      port: 1,
      host: 'there-is-no-such-name.invalid',
      lookup: (name, _options, callback) => {
        const error = Object.assign(
          new Error(`getaddrinfo ENOTFOUND ${name}`),
          {
            code: 'ENOTFOUND',
            syscall: 'getaddrinfo',
            hostname: name,
          },
        );
        process.nextTick(callback, error);
      },
    });
    client.on('lookup', (error, _address, _family, host) => {
      log('lookup', error.message, host);
    });
    const failed = new Promise((resolve) => client.once('error', resolve));
    const error = (await failed) as Error & { hostname: string };
    log(error.message, error.hostname, 'port' in error, 'address' in error);
  },

  async 'servers count and close'(net, log) {
    const server = net.createServer();
    log(server.listening, server.address());
    server.close((error) => {
      log(error && 'code' in error ? error.code : error);
    });
    await once(server, 'close');
    server.listen(0, '127.0.0.1', 10, () => {
      log('listening');
    });
    await once(server, 'listening');
    const { port, ...rest } = server.address() as net.AddressInfo;
    log(rest, port > 0, server.listening);
    const client = net.connect(port, '127.0.0.1');
    const [peer] = (await once(server, 'connection')) as [net.Socket];
    await new Promise<void>((resolve) => {
      server.getConnections((error, count) => {
        log(error, count);
        resolve();
      });
    });
    server.close(() => {
      log('closed');
    });
    log(server.listening, server.address());
    client.end();
    peer.resume();
    await once(server, 'close');
  },

  async 'an address in use'(net, log) {
    const first = net.createServer().listen(0, '127.0.0.1');
    await once(first, 'listening');
    const { port } = first.address() as net.AddressInfo;
    const second = net.createServer();
    const failed = new Promise((resolve) => second.once('error', resolve));
    second.listen(port, '127.0.0.1');
    const error = (await failed) as NodeJS.ErrnoException & net.AddressInfo;
    log(error.code, error.syscall, error.address, error.port === port);
    log(second.listening);
    first.close();
  },

  async 'a signal closes a server'(net, log) {
    const controller = new AbortController();
    const server = net.createServer();
    server.listen({ port: 0, signal: controller.signal });
    await once(server, 'listening');
    controller.abort();
    await once(server, 'close');
    log(server.listening);
  },
};

for (const [name, run] of Object.entries(programs)) {
  t.test(name, async (t) => {
    const record = async (using: unknown) => {
      const lines: unknown[] = [];
      await run(using as Net, (...what) => lines.push(what));
      return lines;
    };
    const theirs = await record(net);
    const ours = await record(goodbyte);
    // Random ports may happen to be consecutive.
    t.strictSame(ours, theirs);
  });
}

t.test('wrong arguments give the same errors', async (t) => {
  const calls: Record<string, (net: Net) => unknown> = {
    'no port': (net) => net.connect({} as net.NetConnectOpts),
    'a port of null': (net) => net.connect(null as unknown as number),
    'a port of true': (net) => net.connect(true as unknown as number),
    'a port too large': (net) => net.connect(65_536),
    'an empty port': (net) => net.connect({ port: '' as unknown as number }),
    'a local address': (net) => net.connect({ port: 1, localAddress: 'x' }),
    'a host that is no string': (net) =>
      net.createServer().listen({ port: 0, host: 1 as unknown as string }),
    'a local port': (net) =>
      net.connect({ port: 1, localPort: 'x' as unknown as number }),
    'a lookup': (net) =>
      net.connect({
        port: 1,
        host: 'name',
        lookup: 'x' as unknown as net.LookupFunction,
      }),
    autoSelectFamily: (net) =>
      net.connect({ port: 1, autoSelectFamily: 'x' as unknown as boolean }),
    hints: (net) => net.connect({ port: 1, host: 'localhost', hints: 9e6 }),
    objectMode: (net) =>
      new net.Socket({ objectMode: true } as net.SocketConstructorOpts),
    'listen on a bad port': (net) => net.createServer().listen(-1),
    'listen nowhere': (net) => net.createServer().listen({}),
    'listen on a bad path': (net) =>
      net.createServer().listen({ path: 5 as unknown as string }),
    'listen twice': (net) => {
      const server = net.createServer().listen(0);
      server.on('listening', () => server.close());
      server.listen(0);
    },
    'a server of a number': (net) =>
      net.createServer(5 as unknown as net.ServerOpts),
    'a timeout of nothing': (net) =>
      new net.Socket().setTimeout(undefined as unknown as number),
    'a timeout below zero': (net) => new net.Socket().setTimeout(-1),
    'a timeout listener': (net) =>
      new net.Socket().setTimeout(1, 'x' as unknown as () => void),
  };
  const failure = (run: () => unknown) => {
    try {
      run();
      return 'nothing is thrown';
    } catch (error) {
      const { name, code, message } = error as NodeJS.ErrnoException;
      return { name, code, message };
    }
  };
  for (const [name, call] of Object.entries(calls)) {
    const theirs = failure(() => call(net));
    const ours = failure(() => call(goodbyte as unknown as Net));
    t.strictSame(ours, theirs, name);
  }
});
