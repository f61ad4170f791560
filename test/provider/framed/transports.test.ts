import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { loadNative } from '../../../src/native.js';
import { needsUnix } from '../../support/platform.js';
import { main } from '../../support/programs.js';

// A process chooses its transport once, so each case has its own process.

const dist = path.resolve(import.meta.dirname, '../../..');
const program = path.join(import.meta.dirname, 'programs/carriers.js');
const nowhere = path.join(dist, 'there-is-no.node');

interface Ran {
  code: number | string;
  stdout: string;
  stderr: string;
}

/** Runs a program with these variables instead of ours. */
function run(
  file: string,
  args: readonly string[],
  variables: NodeJS.ProcessEnv,
): Promise<Ran> {
  const ours = { GOODBYTE_TRANSPORT: undefined, NODE_DEBUG: undefined };
  const env = { ...process.env, ...ours, ...variables };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [file, ...args],
      { env, timeout: 60_000, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        resolve({
          code: error?.code ?? (error ? 'signal' : 0),
          stdout,
          stderr,
        });
      },
    );
  });
}

async function carriers(
  t: Test,
  media: readonly string[],
  variables: NodeJS.ProcessEnv,
): Promise<unknown> {
  const { code, stdout, stderr } = await run(program, media, variables);
  t.strictSame({ code, stderr }, { code: 0, stderr: '' }, 'and says nothing');
  return code === 0 ? JSON.parse(stdout) : undefined;
}

interface Told {
  name: string;
  transport: string;
  listening: string;
  reason: string;
}

async function info(
  variables: NodeJS.ProcessEnv,
  file = main,
): Promise<Omit<Told, 'name'>> {
  const { stdout } = await run(file, ['info', '--json'], variables);
  const { providers } = JSON.parse(stdout) as { providers: Told[] };
  const framed = providers.find(({ name }) => name === 'framed');
  const { transport, listening, reason } = framed!;
  return { transport, listening, reason };
}

const loaded = loadNative();
const skip = loaded.native ? false : `no addon: ${loaded.reason}`;
const addon = loaded.native ? loaded.path : '';
const both = (carrier: string) => ({ caller: carrier, callee: carrier });
const bothWays = (transport: string) => ({ transport, listening: transport });

t.test(
  'with an addon the engine carries TCP and pipes',
  { skip },
  async (t) => {
    t.strictSame(await carriers(t, ['tcp', 'pipe'], {}), {
      tcp: both('engine'),
      pipe: both('engine'),
    });
    t.strictSame(await info({}), {
      transport: 'engine',
      listening: 'engine',
      reason: `the addon is ${addon}`,
    });
    const { stderr } = await run(program, ['tcp'], { NODE_DEBUG: 'goodbyte' });
    t.match(stderr, `addon: ${addon}`);
  },
);

t.test(
  'and everything that it cannot carry is a stream',
  { skip },
  async (t) => {
    const media = ['tls', 'duplex', 'handle', 'worker'];
    t.strictSame(await carriers(t, media, {}), {
      tls: both('stream'),
      duplex: both('stream'),
      // A caller of it may use the engine.
      handle: { caller: 'engine', callee: 'stream' },
      worker: { callee: 'stream' },
    });
  },
);

t.test(
  'nor descriptors that the process started with',
  { skip: needsUnix('an inherited socket') || skip },
  async (t) => {
    t.strictSame(await carriers(t, ['descriptor'], {}), {
      descriptor: { callee: 'stream' },
    });
  },
);

t.test(
  'a worker that listens by itself has the engine',
  { skip },
  async (t) => {
    t.strictSame(await carriers(t, ['exclusiveWorker'], {}), {
      exclusiveWorker: { callee: 'engine' },
    });
  },
);

t.test(
  'and one that shares a port',
  { skip: needsUnix('SO_REUSEPORT') || skip },
  async (t) => {
    t.strictSame(await carriers(t, ['sharingWorker'], {}), {
      sharingWorker: { callee: 'engine' },
    });
  },
);

t.test('without an addon the stream serves', async (t) => {
  const variables = { GOODBYTE_ADDON: nowhere };
  t.strictSame(await carriers(t, ['tcp', 'pipe'], variables), {
    tcp: both('stream'),
    pipe: both('stream'),
  });
  const { transport, listening, reason } = await info(variables);
  t.strictSame({ transport, listening }, bothWays('stream'));
  t.match(reason, /^no addon: Cannot find module '.*there-is-no\.node'$/);
  const { stdout } = await run(main, ['info'], variables);
  t.match(stdout, /\n {2}transport: stream \(no addon: Cannot find module/);
  const { stderr } = await run(program, ['tcp'], {
    ...variables,
    NODE_DEBUG: 'goodbyte',
  });
  t.match(stderr, /no addon, the stream transport is used: Cannot find module/);
});

t.test('a package that was installed without one', async (t) => {
  const folder = t.testdir();
  for (const part of ['cli', 'src', 'conformance']) {
    cpSync(path.join(dist, part), path.join(folder, 'dist', part), {
      recursive: true,
    });
  }
  const { name, version, type } = JSON.parse(
    readFileSync(path.join(dist, '../package.json'), 'utf8'),
  ) as Record<string, string>;
  writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ name, version, type }),
  );
  const copied = path.join(folder, 'dist/cli/main.js');
  const variables = { GOODBYTE_ADDON: undefined };
  t.match(await info(variables, copied), {
    ...bothWays('stream'),
    reason: /^no addon: No native build was found for platform=/,
  });
});

t.test('GOODBYTE_TRANSPORT chooses', async (t) => {
  const cases = [
    { forced: 'stream', caller: 'stream', callee: 'stream' },
    { forced: 'engine', caller: 'engine', callee: 'engine' },
    { forced: 'engine,stream', caller: 'engine', callee: 'stream' },
    { forced: 'stream,engine', caller: 'stream', callee: 'engine' },
  ];
  for (const { forced, caller, callee } of cases) {
    const needsEngine = forced !== 'stream';
    await t.test(forced, { skip: needsEngine && skip }, async (t) => {
      const variables = { GOODBYTE_TRANSPORT: forced };
      t.strictSame(await carriers(t, ['tcp', 'pipe'], variables), {
        tcp: { caller, callee },
        pipe: { caller, callee },
      });
      t.strictSame(await info(variables), {
        transport: caller,
        listening: callee,
        reason: `GOODBYTE_TRANSPORT is "${forced}"${
          needsEngine ? `, the addon is ${addon}` : ''
        }`,
      });
    });
  }

  await t.test('and an empty value equals leaving it out', async (t) => {
    const { transport, reason } = await info({ GOODBYTE_TRANSPORT: '' });
    t.strictSame({ transport, reason }, await auto());
  });
});

async function auto() {
  const { transport, reason } = await info({});
  return { transport, reason };
}

t.test('an unavailable transport is an error, and says why', async (t) => {
  const nonsense = (value: string) =>
    `RangeError: GOODBYTE_TRANSPORT is "${value}"; it can be "engine" or "stream", or be left out`;
  const cases = [
    {
      variables: { GOODBYTE_TRANSPORT: 'engine', GOODBYTE_ADDON: nowhere },
      told: `Error: GOODBYTE_TRANSPORT is "engine", but the engine is not available: no addon: Cannot find module`,
    },
    {
      variables: {
        GOODBYTE_TRANSPORT: 'stream,engine',
        GOODBYTE_ADDON: nowhere,
      },
      told: `Error: GOODBYTE_TRANSPORT is "stream,engine", but the engine is not available: no addon: Cannot find module`,
    },
    ...['nonsense', 'engine,', ',stream', 'stream,stream,stream'].map(
      (value) => ({
        variables: { GOODBYTE_TRANSPORT: value },
        told: nonsense(value),
      }),
    ),
  ];
  for (const { variables, told } of cases) {
    await t.test(JSON.stringify(variables.GOODBYTE_TRANSPORT), async (t) => {
      const { code, stderr } = await run(program, ['tcp'], variables);
      t.equal(code, 1);
      t.match(stderr, told);
    });
  }

  await t.test('of the command, it is wrong usage', async (t) => {
    const [{ variables }] = cases as [(typeof cases)[number]];
    const ran = await run(main, ['info'], variables);
    t.match(ran, {
      code: 2,
      stdout: '',
      stderr: `goodbyte: GOODBYTE_TRANSPORT is "engine", but the engine is not available: no addon: Cannot find module`,
    });
  });
});

t.test('an addon that is not of this version', async (t) => {
  const folder = t.testdir({
    'other.cjs': 'module.exports = { interface: 4711 };',
    'none.cjs': 'module.exports = {};',
    'broken.cjs': 'throw new Error("it does not load\\nfor several reasons");',
  });
  const cases = [
    ['other.cjs', /other\.cjs has interface 4711, this version needs \d+$/],
    ['none.cjs', /none\.cjs has interface undefined, this version needs \d+$/],
    ['broken.cjs', /^no addon: it does not load$/],
  ] as const;
  for (const [file, why] of cases) {
    await t.test(file, async (t) => {
      const variables = { GOODBYTE_ADDON: path.join(folder, file) };
      t.match(await info(variables), { ...bothWays('stream'), reason: why });
      t.strictSame(await carriers(t, ['tcp'], variables), {
        tcp: both('stream'),
      });
    });
  }
});
