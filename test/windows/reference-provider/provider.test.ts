import { once } from 'node:events';
import t, { type Test } from 'tap';
import { accept, createServer, type Socket } from '../../../src/index.js';
import { connect } from '../../../src/promises.js';
import {
  lacking,
  layer,
  prepare,
  provider,
  runHost,
  startHost,
} from './host.js';
import { meetCallees, meetCallers } from './peers.js';

// The reference provider, in Wine: a host of its own tests its entries there, and the
// eight steps run between it and this process. `npm run test:windows` builds both and
// runs this; `npm test` does not.

t.setTimeout(600_000);

const skip = lacking() ?? false;

t.test('the reference provider', { skip }, async (t) => {
  await prepare();

  for (const [name, dll] of [
    ['on both sides', provider()],
    ['below a layer that passes calls on', layer],
  ] as const) {
    await t.test(name, (t) => passesAll(t, dll));
  }

  await t.test('as a client of a server here', async (t) => {
    const server = createServer(
      {
        condition({ callerData }) {
          t.equal(String(callerData), 'teller 7');
          return accept({ calleeData: 'welcome' });
        },
      },
      (socket) => {
        const data = collect(socket);
        socket.answer = (lastWord) => {
          t.equal(data(), '20 in\n21 in\n');
          t.equal(String(lastWord), 'transactions: 41');
          socket.write('remaining');
          return 'grand total: 1041';
        };
      },
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await passes(t, ['client', String(port)]);
    server.close();
    await once(server, 'close');
  });

  await t.test('as the server of a client here', async (t) => {
    const host = startHost(provider(), ['server']);
    const port = Number(await host.line(/^port (\d+)/));
    const socket = await connect({
      port,
      host: '127.0.0.1',
      callerData: 'teller 7',
    });
    t.equal(String(socket.calleeData), 'welcome');
    const data = collect(socket);
    socket.write('20 in\n');
    socket.write('21 in\n');
    const answer = await socket.disconnect('transactions: 41');
    t.equal(String(answer), 'grand total: 1041');
    t.equal(data(), 'remaining');
    const { code, output } = await host.ended;
    t.equal(code, 0, output);
  });

  await t.test('with callers on plain TCP', meetCallers);
  await t.test('with callees on plain TCP', meetCallees);

  // Faults that the conformance suite and a host must find.
  for (const twin of [
    'drops-disconnect-data',
    'truncates',
    'wrong-codes',
    'hangs-in-connect',
    'declares-nothing',
    'null-entries',
    'wrong-version',
    'fails-to-start',
  ]) {
    await t.test(`the twin that ${twin.replaceAll('-', ' ')}`, (t) =>
      passes(t, ['twin', twin], twin),
    );
  }
});

async function passesAll(t: Test, dll: string): Promise<void> {
  const { code, output } = await runHost(dll);
  const lines = output.split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const [matched, failed, name] = /^(not )?ok (.*)$/.exec(line) ?? [];
    if (!matched) continue;
    const behind = lines.slice(index + 1);
    const end = behind.findIndex((text) => !text.startsWith('  #'));
    t.notOk(failed, name ?? '', { why: behind.slice(0, end) });
  }
  t.equal(code, 0, output);
  t.match(output, 'ok every handle was given back');
}

async function passes(
  t: Test,
  args: readonly string[],
  twin?: string,
): Promise<void> {
  const { code, output } = await runHost(provider(twin), args);
  t.equal(code, 0, output);
  t.match(output, /^ok /m);
}

/** Collects received text; the result returns all of it so far. */
function collect(socket: Socket): () => string {
  let all = '';
  socket.on('data', (data: Buffer) => (all += data.toString()));
  return () => all;
}
