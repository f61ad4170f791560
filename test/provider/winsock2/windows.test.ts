import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import {
  inProcessAgent,
  loadScenarios,
  matchesGlob,
  runSuite,
  type RunResult,
} from '../../../conformance/index.js';
import { createServer, type AddressInfo } from '../../../src/index.js';
import { connect } from '../../../src/promises.js';
import { measure } from '../../../cli/measure.js';
import { readCatalog } from '../../../src/provider/catalog.js';
import type { NativeDecide } from '../../../src/native-winsock.js';
import { selectProvider } from '../../../src/provider/select.js';
import { namedEntries } from '../../../src/provider/winsock2/entries.js';
import { theWinsockLoop } from '../../../src/provider/winsock2/loop.js';
import { CF_ACCEPT } from '../../../src/vocabulary/constants.js';
import { WSAEWOULDBLOCK } from '../../../src/vocabulary/error-codes.js';
import { chosenCases } from '../../support/cases.js';
import { letsItsProcessEnd } from './courtesy.js';
import { runFlat } from './programs/flat.js';

// Winsock2 itself: the system's TCP, and the reference provider's DLL with its
// broken twins. On Windows, or in Wine.
t.setTimeout(800_000);

const notHere =
  process.platform === 'win32' ? false : 'needs Windows: Winsock2 is its own';

const dll = (twin = ''): string =>
  fileURLToPath(
    new URL(
      `../../../conformance/reference-provider/win32-${process.arch}/goodbyte-provider${twin}.dll`,
      import.meta.url,
    ),
  );

const noProvider =
  notHere ||
  (existsSync(dll()) ? false : 'npm run build:reference-provider is not done');

const reference = (twin?: string): string =>
  `winsock2:${dll(twin === undefined ? '' : `-${twin}`)}`;

/** The system's own TCP over IPv4. */
function stock(): string {
  const entry = readCatalog().find(
    ({ addressFamily, socketType }) => addressFamily === 2 && socketType === 1,
  );
  return `winsock2:${entry!.catalogEntryId}`;
}

/** Runs side by side: they mostly wait. */
const JOBS = 4;

/** Milliseconds for an event that may never occur, beyond the usual duration. */
const WRONG_LIMIT = 1000;

async function run(
  provider: string,
  globs: string[],
  timeout?: number,
): Promise<RunResult[]> {
  const scenarios = loadScenarios().filter(({ id }) =>
    globs.some((glob) => matchesGlob(id, glob)),
  );
  const { runs } = await runSuite({
    scenarios,
    families: ['IPv4'],
    only: chosenCases(scenarios),
    client: inProcessAgent({ provider }),
    server: inProcessAgent({ provider }),
    jobs: JOBS,
    timeout,
  });
  return runs;
}

t.test('the catalog', { skip: notHere }, (t) => {
  const entries = readCatalog();
  t.ok(entries.length > 0);
  for (const { protocol, catalogEntryId, version } of entries) {
    t.not(protocol, '');
    t.ok(catalogEntryId > 0);
    t.equal(version, 2);
  }
  t.equal(selectProvider().name, 'framed', 'TCP declares no user data');
  t.end();
});

t.test(
  "the system's TCP refuses what it drops",
  { skip: notHere },
  async (t) => {
    const provider = 'winsock2';
    const heard: string[] = [];
    const server = createServer({ provider }, (socket) => {
      socket.on('data', (data) => heard.push(String(data)));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const to = { port, host: '127.0.0.1', provider };
    await t.rejects(connect({ ...to, callerData: 'teller 7' }), {
      code: 'EPROTONOSUPPORT',
      message: /XP1_CONNECT_DATA.*the provider "framed"/,
    });
    const socket = await connect(to);
    await t.rejects(socket.disconnect('41'), {
      code: 'ENOPROTOOPT',
      message: /XP1_DISCONNECT_DATA/,
    });
    socket.write('entries');
    t.equal(await socket.disconnect(), undefined);
    t.equal(heard.join(''), 'entries');
    server.close();
    await once(server, 'close');
  },
);

t.test('the eight steps on it are not there', { skip: notHere }, async (t) => {
  for (const { order, verdict, warnings } of await run(stock(), [
    'eight-steps/fd-close',
  ])) {
    t.equal(verdict, 'UNIMPLEMENTED', order);
    t.match(warnings, [/its return codes cannot be trusted/]);
  }
});

t.test(
  'the reference provider keeps everything',
  { skip: noProvider },
  async (t) => {
    const runs = await run(reference(), ['*']);
    t.ok(runs.length > 0);
    for (const { id, order, verdict, warnings, findings } of runs) {
      const isNotRun = warnings.some((text) => text.includes('was not run'));
      t.equal(verdict, isNotRun ? 'UNIMPLEMENTED' : 'OK', `${id} ${order}`, {
        findings,
      });
    }
  },
);

/** Runs a broken one on what the honest one ran on, in the time that it took. */
async function runWrong(twin: string, glob: string): Promise<RunResult[]> {
  const began = Date.now();
  await run(reference(), [glob]);
  return run(reference(twin), [glob], Date.now() - began + WRONG_LIMIT);
}

/** A version of Node changes no odds: where cases stand for others, runs do. */
const REPEATS = process.env['GOODBYTE_CASES'] === 'representative' ? 100 : 2000;

// The mark of an unfilled buffer is one octet here, of 256.
t.test(
  'a single octet is not taken for no data',
  { skip: noProvider },
  async (t) => {
    const { runs } = await runSuite({
      scenarios: loadScenarios().filter(
        ({ id }) => id === 'connect-data/small-callee-buffer',
      ),
      only: ({ name }) => name.includes('room=1]'),
      families: ['IPv4'],
      client: inProcessAgent({ provider: reference() }),
      server: inProcessAgent({ provider: reference() }),
      repeat: REPEATS,
      jobs: JOBS,
    });
    t.equal(runs.length, REPEATS);
    t.strictSame(
      runs.flatMap(({ findings }) => findings),
      [],
    );
  },
);

const twins: [twin: string, glob: string, clause: RegExp][] = [
  ['drops-disconnect-data', 'eight-steps/fd-close', /WSARecvDisconnect/],
  ['truncates', 'connect-data/callee-data', /Data|data/],
  ['wrong-codes', 'conditional-accept/reject', /forcefully rejected/],
  ['hangs-in-connect', 'conditional-accept/accept', /./],
];

for (const [twin, glob, clause] of twins) {
  t.test(`a broken one is caught: ${twin}`, { skip: noProvider }, async (t) => {
    const runs = await runWrong(twin, glob);
    const failed = runs.filter(({ verdict }) => verdict === 'FAILED');
    t.ok(failed.length > 0);
    t.match(failed[0]?.findings[0]?.clause.sentence, clause);
  });
}

t.test(
  'one that declares nothing has nothing',
  { skip: noProvider },
  async (t) => {
    const runs = await runWrong('declares-nothing', 'eight-steps/fd-close');
    t.ok(runs.length > 0);
    for (const { verdict, warnings } of runs) {
      t.equal(verdict, 'UNIMPLEMENTED');
      t.match(warnings, [/not declared, and refused with WSAEPROTONOSUPPORT/]);
    }
  },
);

t.test(
  'one that does not start is distinguished from another',
  { skip: noProvider },
  (t) => {
    const cases: [string, RegExp][] = [
      [reference('null-entries'), /^WSAEINVALIDPROCTABLE: .* all thirty/],
      [reference('wrong-version'), /^WSAEINVALIDPROVIDER: .* version 2\.2/],
      [
        reference('fails-to-start'),
        /^WSAEPROVIDERFAILEDINIT: .*WSPStartup failed/,
      ],
      [
        `winsock2:${dll().replace('goodbyte-provider', 'goodbyte-layer')}`,
        /^WSAEPROVIDERFAILEDINIT: .* as it does in a layered provider on its own$/,
      ],
      ['winsock2:nowhere.dll', /^WSAEPROVIDERFAILEDINIT: .*cannot be loaded/],
      [`winsock2:${process.execPath}`, /^WSAEINVALIDPROVIDER: .*no WSPStartup/],
    ];
    for (const [name, message] of cases) {
      t.throws(() => selectProvider(name), { message });
    }
    t.end();
  },
);

t.test(
  'a socket that is destroyed without a word lets its process end',
  { skip: noProvider },
  (t) => letsItsProcessEnd(t, reference()),
);

t.test(
  'a fault of a provider is reported before the process ends',
  { skip: noProvider },
  async (t) => {
    const program = fileURLToPath(
      new URL('programs/fault.js', import.meta.url),
    );
    const child = spawn(
      process.execPath,
      [program, reference('faults-in-connect')],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const [said] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    t.not(child.exitCode, 0);
    t.match(
      said,
      /goodbyte: unhandled exception 0xc0000005 at 0x[\da-f]+, writing 0x0, in .*faults-in-connect\.dll\+0x/,
    );
  },
);

t.test(
  'an exception in a condition function is thrown after WSAAccept',
  { skip: noProvider },
  async (t) => {
    const { native } = theWinsockLoop();
    const entryOf = (twin?: string) =>
      namedEntries(reference(twin).slice('winsock2:'.length)).find(
        ({ info }) => info.addressFamily === 2 && info.socketType === 1,
      )!;
    const cases: [string, NativeDecide][] = [
      [
        'thrown',
        () => {
          throw new Error('thrown');
        },
      ],
      [
        'got',
        () =>
          Object.defineProperty([CF_ACCEPT, undefined, undefined], 1, {
            get() {
              throw new Error('got');
            },
          }) as ReturnType<NativeDecide>,
      ],
    ];
    for (const twin of [undefined, 'accepts-anyway']) {
      for (const [message, decide] of cases) {
        const listener = entryOf(twin).open(0);
        native.bind(listener, '127.0.0.1', 0);
        native.listen(listener, 1);
        const [, , port] = native.localName(listener)!;
        const caller = entryOf().open(0);
        native.connect(caller, '127.0.0.1', port, undefined, 0, undefined);
        let thrown: unknown;
        // Until the caller is there.
        while (thrown === undefined) {
          try {
            const status = native.accept(listener, 0, decide);
            if (status !== -WSAEWOULDBLOCK) break;
          } catch (error) {
            thrown = error;
          }
          await nextTurn();
        }
        t.match(thrown, { message }, twin ?? 'an honest one');
        native.close(caller);
        native.close(listener);
      }
    }
    t.equal(native.countOpen(), 0);
  },
);

t.test(
  'what the documentation leaves open',
  { skip: noProvider },
  async (t) => {
    const cases: [
      name: string | undefined,
      answers: [question: RegExp, answer: RegExp][],
    ][] = [
      [
        undefined,
        [[/^WSASendDisconnect with NULL/, /^success; .*nothing and FIN$/]],
      ],
      [
        dll(),
        [
          [/^The service flags/, /^goodbyte reference .*: 0x1a6$/],
          [/^SO_CONDITIONAL_ACCEPT/, /^success$/],
        ],
      ],
    ];
    for (const [name, answers] of cases) {
      const measured = await measure(name);
      t.ok(measured.every((one) => one.answer !== ''));
      for (const [question, answer] of answers) {
        const found = measured.find((one) => question.test(one.question));
        t.match(found?.answer, answer);
      }
    }
  },
);

for (const provider of notHere || noProvider ? [] : [stock(), reference()]) {
  t.test(`connections leave nothing behind: ${provider}`, async (t) => {
    const { before, after, open } = await runFlat(provider, 300);
    t.equal(open, 0, 'sockets');
    // The pool of threads may have grown by a few.
    t.ok(after - before < 50, `${before} handles, then ${after}`);
  });

  t.test(`a worker ends with connections: ${provider}`, async (t) => {
    const program = new URL('programs/worker.js', import.meta.url);
    for (const end of ['terminate', 'exit'] as const) {
      const worker = new Worker(program, { workerData: { provider, end } });
      const [said] = (await once(worker, 'message')) as [string];
      t.equal(said, 'connected');
      if (end === 'terminate') await worker.terminate();
      else await once(worker, 'exit');
      t.pass(end);
    }
  });
}
