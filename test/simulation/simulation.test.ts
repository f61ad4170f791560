import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { Choices, shrink } from './choices.js';
import { Clock, settle } from './clock.js';
import { mistakes } from './mistakes.js';

const program = path.join(import.meta.dirname, 'main.js');

function simulate(...args: string[]): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), out: stdout + stderr });
    });
  });
}

t.test('nothing is violated', async (t) => {
  const { code, out } = await simulate('--steps', '20000', '--seed', '1');
  t.equal(code, 0, out);
  t.match(out, /^2\d{4} steps in \d+ lives from seed 1 on: no violation/);
});

t.test('a mistake is found, with a life that repeats it', async (t) => {
  const [name] = Object.keys(mistakes);
  const made = ['--mistake', name!, '--seed', '1'];
  const { code, out } = await simulate(...made, '--steps', '100000');
  t.equal(code, 1, out);
  const what = /^VIOLATED: (.*)/m.exec(out)?.[1];
  t.ok(what, out);
  const [, list] = /--replay ([\d,]+)/.exec(out) ?? [];
  t.ok(list, out);
  const again = await simulate(...made, '--replay', list!);
  t.equal(again.code, 1, again.out);
  t.match(again.out, `VIOLATED: ${what}`);
  // The mistake causes it, not the life.
  t.match(await simulate('--replay', list!), { code: 0 });
});

t.test(
  'a life that is wrong is kept, and replayed from its file',
  async (t) => {
    const [name] = Object.keys(mistakes);
    const made = ['--mistake', name!, '--seed', '1'];
    const folder = path.join(t.testdir(), 'traces');
    const { out } = await simulate(
      ...made,
      '--steps=100000',
      '--shrink=500',
      `--keep-traces=${folder}`,
    );
    const [file] = readdirSync(folder).map((name) => path.join(folder, name));
    t.match(out, `npm run simulate -- --replay ${file}`);
    const { what, seed } = JSON.parse(readFileSync(file!, 'utf8')) as {
      what: string;
      seed: number;
    };
    const again = await simulate(...made, '--replay', file!);
    t.equal(again.code, 1, again.out);
    t.match(again.out, `VIOLATED: ${what}`);
    t.match(again.out, `--seed ${seed} `);
    t.match(await simulate('--replay', file!), { code: 0 });
  },
);

t.test('a survey keeps one life of each kind', async (t) => {
  const [name] = Object.keys(mistakes);
  const folder = t.testdir();
  const { out } = await simulate(
    '--survey',
    `--mistake=${name}`,
    '--seed=1',
    '--steps=20000',
    '--shrink=100',
    `--keep-traces=${folder}`,
  );
  const kinds = Number(/(\d+) kinds of violation/.exec(out)?.[1]);
  t.ok(kinds > 0, out);
  t.equal(readdirSync(folder).length, kinds, out);
});

t.test('a wrong option is reported', async (t) => {
  const { code, out } = await simulate('--steps', 'many');
  t.equal(code, 2);
  t.match(out, /--steps takes a whole number from 1, not "many"/);
});

t.test('a seed draws the same again', (t) => {
  const seeded = new Choices(4711);
  const drawn = [seeded.below(10), seeded.below(1000), seeded.of([1, 2, 3])];
  const repeated = new Choices(seeded.drawn);
  t.strictSame(
    [repeated.below(10), repeated.below(1000), repeated.of([1, 2, 3])],
    drawn,
  );
  t.equal(repeated.below(10), 0, 'behind the end nothing happens');
  t.end();
});

t.test('a list is shrunk to the failing part', async (t) => {
  const list = Array.from({ length: 40 }, (_, index) => index % 7);
  const fails = (some: readonly number[]) =>
    Promise.resolve(some.filter((choice) => choice === 6).length >= 2);
  t.strictSame(await shrink(list, fails, 5000), [6, 6]);
});

t.test('time passes on request, in order', async (t) => {
  const clock = new Clock();
  const seen: string[] = [];
  clock.install();
  try {
    setTimeout(() => seen.push('late'), 20);
    setTimeout((what: string) => seen.push(what), 10, 'early');
    const refreshed = setTimeout(() => seen.push('refreshed'), 15);
    clearTimeout(setTimeout(() => seen.push('cleared'), 1));
    setImmediate(() => seen.push('immediate'));
    await clock.turn();
    t.strictSame(seen, ['immediate']);
    clock.advance();
    refreshed.refresh();
    clock.advance();
    clock.advance();
  } finally {
    clock.uninstall();
  }
  await settle();
  t.strictSame(seen, ['immediate', 'early', 'late', 'refreshed']);
  t.equal(clock.now, 25);
  t.equal(clock.pending, 0);
});
