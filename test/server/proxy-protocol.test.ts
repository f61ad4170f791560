import { once } from 'node:events';
import {
  BlockList,
  connect as dial,
  createServer as createNetServer,
  type AddressInfo,
  type Socket as NetSocket,
} from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import {
  accept,
  createServer,
  type Server,
  type Socket,
} from '../../src/index.js';
import { connect } from '../../src/promises.js';
import type { ServerOptions } from '../../src/server/options.js';
import { clientTls, serverTls } from '../support/media.js';
import { binary, line } from '../support/proxy-header.js';
import { serve } from '../support/serve.js';
import { gone, open } from '../support/stranger.js';

const header = line('TCP4 192.0.2.7 192.0.2.1 40000 443');

const trusted = (address: string) => {
  const list = new BlockList();
  list.addAddress(address);
  return list;
};

/** A connection through a proxy, which has written its header. */
async function proxied(
  port: number,
  pieces: readonly Buffer[],
): Promise<NetSocket> {
  const stream = open(port);
  await once(stream, 'connect');
  for (const piece of pieces) {
    await new Promise<void>((sent) => stream.write(piece, () => sent()));
    await new Promise(setImmediate);
  }
  return stream;
}

/** The last words of a session over `stream`, and the caller's address at the server. */
async function session(
  server: Server,
  stream: NetSocket,
  tls = false,
): Promise<unknown> {
  let callerId: unknown;
  server.condition = (request) => {
    ({ callerId } = request);
    return accept();
  };
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const caller = await connect({ stream, ...(tls && { tls: clientTls }) });
  const [callee] = await accepted;
  callee.answer = () => 'so long';
  const { remoteAddress, remotePort, localAddress, localPort } = callee;
  const answer = String(await caller.disconnect('41'));
  return {
    callerId,
    remote: `${remoteAddress} ${remotePort}`,
    local: `${localAddress} ${localPort}`,
    answer,
  };
}

const seen = {
  callerId: { family: 'IPv4', address: '192.0.2.7', port: 40_000 },
  remote: '192.0.2.7 40000',
  local: '192.0.2.1 443',
  answer: 'so long',
};

const octets = (text: Buffer) => Array.from(text, (octet) => Buffer.of(octet));

t.test('the caller is the one that the proxy names', async (t) => {
  const v2 = binary(
    0x21,
    0x11,
    Buffer.from([192, 0, 2, 7, 192, 0, 2, 1, 0x9c, 0x40, 1, 0xbb]),
  );
  const lists = { everybody: true, listed: trusted('127.0.0.1') } as const;
  for (const [who, proxyProtocol] of Object.entries(lists)) {
    for (const [name, pieces] of [
      ['version 1', [header]],
      ['octet by octet', octets(header)],
      ['version 2', [v2]],
    ] as const) {
      const { server, port } = await serve(t, { proxyProtocol });
      const found = await session(server, await proxied(port, pieces));
      t.match(found, seen, `${who}, ${name}`);
    }
  }
});

t.test('inside of TLS, too', async (t) => {
  const options = { proxyProtocol: true, tls: serverTls };
  const { server, port } = await serve(t, options);
  for (const pieces of [[header], octets(header)]) {
    const stream = await proxied(port, pieces);
    t.match(await session(server, stream, true), seen);
  }
});

/** A proxy that writes its header and what its caller says in one piece. */
async function relayInOnePiece(t: Test, to: number): Promise<number> {
  const proxy = createNetServer((caller) => {
    const callee = dial({ port: to, host: '127.0.0.1' });
    for (const end of [caller, callee]) end.on('error', () => {});
    caller.once('data', (first) => {
      callee.write(Buffer.concat([header, first]));
      caller.pipe(callee);
    });
    callee.pipe(caller);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.teardown(() => proxy.close());
  return (proxy.address() as AddressInfo).port;
}

t.test('a header and later data arrive together', async (t) => {
  for (const tls of [undefined, serverTls]) {
    const { server, port } = await serve(t, { proxyProtocol: true, tls });
    const stream = await proxied(await relayInOnePiece(t, port), []);
    const found = await session(server, stream, tls !== undefined);
    t.match(found, seen, tls ? 'TLS' : 'plain');
  }
});

t.test('a caller that leaves inside TLS is reported once', async (t) => {
  const options = { proxyProtocol: true, tls: serverTls };
  const { server, port } = await serve(t, options);
  const told: unknown[] = [];
  server.on('handshakeError', (_error, callerId) => told.push(callerId));
  const hello = Buffer.from([22, 3, 1, 2, 0, 1]);
  const leaver = await proxied(port, [header, hello]);
  leaver.resetAndDestroy();
  // The next caller is served; by then the previous one has been reported.
  await session(server, await proxied(port, [header]), true);
  t.match(told, [{ address: '192.0.2.7', port: 40_000 }]);
  t.equal(told.length, 1);
});

t.test('a proxy that calls for itself', async (t) => {
  const { server, port } = await serve(t, { proxyProtocol: true });
  for (const local of [line('UNKNOWN'), binary(0x20, 0, Buffer.alloc(0))]) {
    const stream = await proxied(port, [local]);
    t.match(await session(server, stream), {
      callerId: { address: '127.0.0.1', port: stream.localPort },
      answer: 'so long',
    });
  }
});

t.test('a caller that is not on the list calls as usual', async (t) => {
  const proxyProtocol = trusted('192.0.2.200');
  const { server, port } = await serve(t, { proxyProtocol });
  const stream = await proxied(port, []);
  t.match(await session(server, stream), {
    callerId: { address: '127.0.0.1' },
    answer: 'so long',
  });
  const failed = once(server, 'handshakeError');
  const forger = await proxied(port, [header]);
  const [error] = await failed;
  t.match(error, { code: 'EPROTONOSUPPORT' }, 'its header is not believed');
  forger.destroy();
});

t.test('nor where plain callers are taken', async (t) => {
  const allowPlain = true;
  const plain = (text: string) => [Buffer.from(text)];
  for (const [proxyProtocol, ahead] of [
    [trusted('192.0.2.200'), []],
    [true, [header]],
  ] as const) {
    const { server, port } = await serve(t, { proxyProtocol, allowPlain });
    for (const pieces of [[header], octets(header)]) {
      const failed = once(server, 'handshakeError');
      const forger = await proxied(port, [...ahead, ...pieces]);
      t.match((await failed)[0], { violation: 'proxy-header' });
      await gone(forger);
    }
    // Complete words of other protocols, and one that ends inside a possible header.
    for (const said of [plain('POST /'), octets(Buffer.from('PRO'))]) {
      const coming = once(server, 'connection');
      (await proxied(port, [...ahead, ...said])).end();
      const [socket] = (await coming) as [Socket];
      t.equal(socket.framed, false);
      const heard = await socket.toArray();
      t.equal(Buffer.concat(heard).toString(), Buffer.concat(said).toString());
    }
  }
});

t.test('a blockList is asked about the caller, not the proxy', async (t) => {
  for (const [address, isRefused] of [
    ['192.0.2.7', true],
    ['127.0.0.1', false],
  ] as const) {
    const blockList = trusted(address);
    const { port } = await serve(t, { proxyProtocol: true, blockList });
    const calling = connect({ stream: await proxied(port, [header]) });
    const code = await calling.then(
      (socket) => void socket.destroy(),
      (error: NodeJS.ErrnoException) => error.code,
    );
    t.equal(code, isRefused ? 'ECONNREFUSED' : undefined, address);
  }
});

interface TurnedAway {
  error: object;
  counted: object;
}

t.test('headers that are turned away', async (t) => {
  const wrong = (message: RegExp) => ({
    error: { code: 'EPROTONOSUPPORT', violation: 'proxy-header', message },
    counted: { violations: 1, handshakeTimeouts: 0 },
  });
  const late = {
    error: { code: 'ETIMEDOUT', violation: undefined, message: /50 ms/ },
    counted: { violations: 0, handshakeTimeouts: 1 },
  };
  const hasty: ServerOptions = { handshakeTimeout: 50 };
  const cases: [string, readonly Buffer[], ServerOptions, TurnedAway][] = [
    ['no header', [Buffer.from('GOODBYTE')], {}, wrong(/expected/)],
    ['a wrong one', [line('TCP4 1 2 3 4')], {}, wrong(/wrong fields/)],
    ['half of one', [header.subarray(0, 9)], hasty, late],
    ['nothing', [], hasty, late],
  ];
  for (const [name, pieces, options, expected] of cases) {
    const { server, port } = await serve(t, {
      proxyProtocol: true,
      ...options,
    });
    const failed = once(server, 'handshakeError');
    const stream = await proxied(port, pieces);
    const [error, callerId] = await failed;
    t.match(error, expected.error, name);
    t.match(server.statistics, expected.counted, name);
    t.match(callerId, { address: '127.0.0.1', port: stream.localPort }, name);
    await gone(stream);
  }
});

t.test('a caller that leaves inside its header', async (t) => {
  const { server, port } = await serve(t, { proxyProtocol: true });
  const failed = once(server, 'handshakeError');
  (await proxied(port, [header.subarray(0, 9)])).end();
  t.match((await failed)[0], { message: /ended inside of it/ });

  const probe = await proxied(port, []);
  const closed = once(probe, 'close');
  probe.resume().end();
  await closed;
  t.match(server.statistics, { probes: 1 });
});

t.test('headers under way are bounded, and end with the server', async (t) => {
  const { server, port } = await serve(t, {
    proxyProtocol: true,
    maxPending: 2,
  });
  const piece = [header.subarray(0, 9)];
  const waiting: NetSocket[] = [];
  for (const pending of [1, 2]) {
    waiting.push(await proxied(port, piece));
    while (server.statistics!.pending < pending) await nextTurn();
  }
  t.match(await session(server, await proxied(port, [header])), seen);
  // The one that took longest has given way.
  await gone(waiting[0]!);
  t.match(server.statistics, { overLimit: 1, pending: 1 });
  const closed = gone(waiting[1]!);
  server.close();
  await closed;
});

t.test('maxPendingPerAddress counts the callers behind a proxy', async (t) => {
  for (const tls of [undefined, serverTls]) {
    const { server, port } = await serve(t, {
      proxyProtocol: true,
      tls,
      maxPendingPerAddress: 1,
    });
    const waiting = await proxied(port, [header]);
    while (server.statistics!.pending < 1) await nextTurn();
    const second = await proxied(port, [header]);
    await gone(second);
    t.match(server.statistics, { overLimit: 1, pending: 1 });
    const other = line('TCP4 192.0.2.8 192.0.2.1 40000 443');
    const stream = await proxied(port, [other]);
    t.match(await session(server, stream, tls !== undefined), {
      callerId: { address: '192.0.2.8' },
    });
    waiting.destroy();
  }
});

t.test('maxPendingPerAddress counts the /64 of an IPv6 caller', async (t) => {
  const { server, port } = await serve(t, {
    proxyProtocol: true,
    maxPendingPerAddress: 1,
  });
  const from = (address: string) =>
    proxied(port, [line(`TCP6 ${address} 2001:db8::1 40000 443`)]);
  await from('2001:db8:0:1::1');
  while (server.statistics!.pending < 1) await nextTurn();
  await gone(await from('2001:db8:0:1:ffff::2'));
  t.match(server.statistics, { overLimit: 1, pending: 1 });
  t.match(await session(server, await from('2001:db8:0:2::1')), {
    callerId: { address: '2001:db8:0:2::1' },
  });
});

t.test('options', (t: Test) => {
  for (const absent of [false, null, undefined]) {
    t.doesNotThrow(() => createServer({ proxyProtocol: absent }));
  }
  for (const wrong of [1, 'yes', ['127.0.0.1'], {}]) {
    t.throws(() => createServer({ proxyProtocol: wrong as never }), {
      code: 'ERR_INVALID_ARG_TYPE',
      message: /options\.proxyProtocol/,
    });
  }
  t.end();
});

t.test('without the option a header is reported by name', async (t) => {
  const { server, port } = await serve(t);
  const local = Buffer.alloc(0);
  for (const pieces of [
    [header],
    [binary(0x20, 0, local)],
    [Buffer.from('PRO'), Buffer.from('XY TCP4 ')],
  ]) {
    const failed = once(server, 'handshakeError');
    const stream = await proxied(port, pieces);
    t.match(await failed, [
      {
        code: 'EPROTONOSUPPORT',
        violation: 'proxy-header',
        message: /set proxyProtocol/,
      },
    ]);
    stream.destroy();
  }
  t.equal(server.statistics?.violations, 3);
});
