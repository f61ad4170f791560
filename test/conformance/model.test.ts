import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { lifecycle } from '../../src/provider/framed/lifecycle.js';
import { Disagreement, replay } from '../support/replay.js';

// The model is checked by `npm run model`; here the sockets are compared with it.

const root = path.resolve(import.meta.dirname, '../../..');

function tracesIn(text: string): { name: string; lines: string[] }[] {
  return text
    .trimEnd()
    .split('\n\n')
    .map((trace) => {
      const [name = '', ...lines] = trace.split('\n');
      return { name: name.replace('# ', ''), lines };
    });
}

function model(...args: string[]): ReturnType<typeof spawnSync> {
  return spawnSync(
    process.execPath,
    [path.join(root, 'scripts/model.mjs'), ...args],
    { cwd: root, encoding: 'utf8' },
  );
}

const kept = tracesIn(
  readFileSync(path.join(root, 'conformance/model/traces.txt'), 'utf8'),
);

const without = ['spin', 'gcc'].find((tool) => spawnSync(tool, ['-v']).error);
const skip = without === undefined ? false : `there is no ${without}`;

t.test("the sockets follow the model's kept traces", async (t) => {
  for (const { name, lines } of kept) {
    await t.resolves(replay(lines), name);
  }
});

t.test('fresh traces too', { skip }, async (t) => {
  const chosen = process.env['GOODBYTE_MODEL_SEED'];
  const seed = Number(chosen ?? Math.floor(Math.random() * 1e6) + 1);
  t.comment(`GOODBYTE_MODEL_SEED=${seed} repeats this`);
  const { stdout, stderr } = model('--trace', `${seed}`, '--count', '20');
  t.equal(stderr, '');
  const fresh = tracesIn(String(stdout));
  t.equal(fresh.length, 20);
  for (const { name, lines } of fresh) await t.resolves(replay(lines), name);
});

/** The first of the kept traces. */
async function disagreement(): Promise<Disagreement | undefined> {
  for (const { lines } of kept) {
    try {
      await replay(lines);
    } catch (error) {
      if (error instanceof Disagreement) return error;
      throw error;
    }
  }
  return undefined;
}

t.test('a lifecycle that is wrong is not the model’s', async (t) => {
  const { open, lingering } = lifecycle as unknown as Record<
    string,
    Record<string, object>
  >;
  const wrong: [string, Record<string, object>, string, object][] = [
    ['no close indication', open!, 'resetFrame', { actions: ['cut'] }],
    ['another status', open!, 'connect', { status: 1 }],
    ['another state', open!, 'disconnectFrame', { to: 'ended' }],
    ['never released', lingering!, 'released', { to: 'lingering' }],
  ];
  for (const [name, row, input, change] of wrong) {
    const right = row[input]!;
    row[input] = { ...right, ...change };
    t.ok(await disagreement(), name);
    row[input] = right;
  }
});

t.test('the model has the table that there is', async (t) => {
  const { modelTable } = (await import(
    pathToFileURL(path.join(root, 'scripts/model-table.mjs')).href
  )) as { modelTable: () => string };
  t.equal(
    readFileSync(path.join(root, 'conformance/model/table.pml'), 'utf8'),
    modelTable(),
    'npm run model -- --table writes it',
  );
});

t.test('each mistake has its place in the model', (t) => {
  const read = (name: string) =>
    readFileSync(path.join(root, 'conformance/model', name), 'utf8');
  const text = read('lifecycle.pml') + read('table.pml');
  const mutations = JSON.parse(read('mutations.json')) as {
    name: string;
    replace: string;
  }[];
  for (const { name, replace } of mutations) {
    t.equal(text.split(replace).length - 1, 1, name);
  }
  t.end();
});

t.test('a mistake in the model is found, and shown', { skip }, (t) => {
  const { status, stdout, stderr } = model('--mutation', 'another-word');
  t.equal(stderr, '');
  t.equal(status, 0);
  t.match(stdout, /assertion violated \(wordHeard\[e\]==wordSaid/);
  t.match(stdout, /^tell \d FD_CLOSE 0/m, 'the path to it');
  t.end();
});

t.test('wrong options of the command', { skip }, (t) => {
  for (const [args, code, message] of [
    [['--jobs', '0'], 1, /--jobs takes a whole number from 1/],
    [['--trace', 'x'], 1, /--trace and --count take whole numbers/],
    [['--mutation', 'none'], 1, /unknown mutation "none"/],
    [['--speed'], 2, /Unknown option '--speed'/],
  ] as const) {
    const { status, stderr } = model(...args);
    t.equal(status, code);
    t.match(stderr, message);
  }
  t.end();
});
