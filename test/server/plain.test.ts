import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import t from 'tap';
import goodbyte, {
  getDefaultAllowPlain,
  setDefaultAllowPlain,
  type Server,
  type Socket,
} from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { duplexPair } from '../support/duplex-pair.js';
import { clientTls, serverTls } from '../support/media.js';
import { serve } from '../support/serve.js';

// Callers without framing: silent ones, and those in TLS.

/** As a mail server does: it greets, whoever called. */
function greet(socket: Socket): void {
  socket.on('error', () => {});
  socket.write(`220 ${socket.framed ? 'framed' : 'plain'}\r\n`);
  socket.answer = (word) => `heard ${String(word)}`;
  socket.resume();
}

async function hear(stream: net.Socket): Promise<string> {
  const [chunk] = (await once(stream, 'data')) as [Buffer];
  stream.destroy();
  return String(chunk);
}

t.test('a silent caller is greeted', async (t) => {
  const { server, port } = await serve(t, { allowPlain: { after: 1 } }, greet);
  t.equal(await hear(net.connect(port, '127.0.0.1')), '220 plain\r\n');
  t.equal(server.statistics?.violations, 0);
});

t.test('a framed one is recognised before the silence is over', async (t) => {
  const { port } = await serve(t, { allowPlain: { after: 5000 } }, greet);
  const socket = await connect({ port, host: '127.0.0.1' });
  const [greeting] = (await once(socket, 'data')) as [Buffer];
  t.equal(String(greeting), '220 framed\r\n');
  t.equal(String(await socket.disconnect('bye')), 'heard bye');
});

t.test('one that speaks first is plain at once', async (t) => {
  const { port } = await serve(t, { allowPlain: { after: 9000 } }, greet);
  const socket = net.connect(port, '127.0.0.1');
  socket.write('EHLO');
  t.equal(await hear(socket), '220 plain\r\n');
});

t.test('one that leaves before is not a caller', async (t) => {
  const { server, port } = await serve(t, { allowPlain: { after: 9000 } });
  server.on('connection', () => t.fail('nobody has called'));
  const socket = net.connect(port, '127.0.0.1').end();
  socket.on('error', () => {}).resume();
  await new Promise((resolve) => socket.once('close', resolve));
  t.equal(server.statistics?.probes, 1);
});

t.test('a condition may refuse a silent one', async (t) => {
  const { server, port } = await serve(t, {
    allowPlain: { after: 1 },
    condition: ({ framed }) =>
      framed ? goodbyte.accept() : goodbyte.reject('who are you?'),
  });
  server.on('connection', () => t.fail('it was refused'));
  const socket = net.connect(port, '127.0.0.1');
  t.equal(await text(socket), '', 'it sees FIN, as any plain one');
});

t.test('a Duplex that is adopted may be silent', async (t) => {
  const { server } = await serve(t, { allowPlain: { after: 1 } }, greet);
  const [near, far] = duplexPair();
  server.adopt(near);
  const [chunk] = (await once(far, 'data')) as [Buffer];
  t.equal(String(chunk), '220 plain\r\n');
  far.destroy();
});

t.test('invalid values', (t) => {
  const wrong: [value: unknown, code: string][] = [
    [{}, 'ERR_INVALID_ARG_TYPE'],
    [{ after: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ after: 1.5 }, 'ERR_OUT_OF_RANGE'],
    ['yes', 'ERR_INVALID_ARG_TYPE'],
  ];
  for (const [allowPlain, code] of wrong) {
    t.throws(() => goodbyte.createServer({ allowPlain } as never), { code });
    t.throws(() => setDefaultAllowPlain(allowPlain as never), { code });
  }
  t.throws(() => setDefaultAllowPlain(null as never), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
  const late = { handshakeTimeout: 500, allowPlain: { after: 500 } };
  t.throws(() => goodbyte.createServer(late), {
    code: 'ERR_INVALID_ARG_VALUE',
    message: /below handshakeTimeout, which is 500/,
  });
  t.doesNotThrow(() => goodbyte.createServer({ ...late, handshakeTimeout: 0 }));
  t.equal(getDefaultAllowPlain(), false, 'and nothing has changed');
  t.end();
});

t.test('a default for servers that others make', async (t) => {
  const before = goodbyte.createServer();
  setDefaultAllowPlain({ after: 1 });
  t.teardown(() => {
    setDefaultAllowPlain(false);
  });
  t.same(getDefaultAllowPlain(), { after: 1 });
  const { port } = await serve(t, {}, greet);
  t.equal(await hear(net.connect(port, '127.0.0.1')), '220 plain\r\n');

  // Neither existing connections nor refused callers.
  const others: Server[] = [
    before,
    goodbyte.createServer({ allowPlain: false }),
  ];
  for (const server of others) {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port: at } = server.address() as net.AddressInfo;
    const failed = once(server, 'handshakeError');
    const socket = net.connect(at, '127.0.0.1');
    socket.on('error', () => {}).write('EHLO');
    t.match(await failed, [{ violation: 'bad-magic' }]);
    server.close();
  }
});

const alpn: [
  offered: string[] | undefined,
  listed: string[] | undefined,
  agreed: string | false,
][] = [
  [['goodbyte/1'], undefined, 'goodbyte/1'],
  [['smtp', 'goodbyte/1'], ['smtp'], 'goodbyte/1'],
  [['h2', 'http/1.1'], undefined, 'http/1.1'],
  [['h2', 'http/1.1'], ['h2'], 'h2'],
  [['h2'], undefined, 'h2'],
  [undefined, undefined, false],
];

for (const [offered, listed, agreed] of alpn) {
  t.test(
    `TLS offered ${offered?.join() ?? 'nothing'} to ${listed?.join() ?? 'no list'}`,
    async (t) => {
      const { port } = await serve(
        t,
        {
          allowPlain: true,
          tls: { ...serverTls, ...(listed && { ALPNProtocols: listed }) },
        },
        greet,
      );
      const socket = tls.connect({
        ...clientTls,
        ...(offered && { ALPNProtocols: offered }),
        port,
        host: '127.0.0.1',
      });
      await once(socket, 'secureConnect');
      t.equal(socket.alpnProtocol, agreed);
      socket.write('GET');
      t.equal(await hear(socket), '220 plain\r\n');
    },
  );
}

t.test('without allowPlain no other name is served', async (t) => {
  const { port } = await serve(t, { tls: serverTls });
  const options = { ...clientTls, port, host: '127.0.0.1' };
  const socket = tls.connect({ ...options, ALPNProtocols: ['http/1.1'] });
  await t.rejects(once(socket, 'secureConnect'));
});

t.test('a callback of the user chooses', async (t) => {
  const ALPNCallback = () => 'smtp';
  const { port } = await serve(t, { tls: { ...serverTls, ALPNCallback } });
  const options = { ...clientTls, port, host: '127.0.0.1' };
  const socket = tls.connect({ ...options, ALPNProtocols: ['smtp'] });
  await once(socket, 'secureConnect');
  t.equal(socket.alpnProtocol, 'smtp');
  socket.destroy();
});
