import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { Measured, Row } from '../../bench/report.js';
import type { Machine } from '../../bench/support/machine.js';

// Tests that the bench runs, and its output; no time is asserted.

const program = path.resolve(import.meta.dirname, '../../bench/main.js');

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

function bench(...args: string[]): Promise<Ran> {
  return benchOnPath(process.env['PATH'], ...args);
}

/** @param where to look for a C compiler. */
function benchOnPath(
  searched: string | undefined,
  ...args: string[]
): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, ...args],
      { env: { ...process.env, PATH: searched } },
      (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), stdout, stderr });
      },
    );
  });
}

interface Report {
  machine: Machine;
  options: Record<string, unknown>;
  rows: Row[];
  measured: Measured[];
}

async function benchInJson(t: Test, ...args: string[]): Promise<Report> {
  const { code, stdout, stderr } = await bench('--json', ...args);
  t.equal(code, 0, stderr);
  return JSON.parse(stdout) as Report;
}

const short = ['--runs', '1', '--seconds', '0.05'];

const works = [
  { work: 'exchange', unit: 'exchanges/s', bar: 0.9 },
  { work: 'echo', unit: 'round trips/s', bar: 0.9 },
  { work: 'unix-echo', unit: 'round trips/s', bar: 0.8 },
  { work: 'burst', unit: 'bursts/s', bar: 0.8 },
  { work: 'one-way', unit: 'MiB/s', bar: 0.8 },
  { work: 'unix-bulk', unit: 'MiB/s', bar: 0.8 },
  { work: 'messages-64', unit: 'messages/s', bar: null, peer: 'ws' },
  { work: 'messages-16K', unit: 'messages/s', bar: null, peer: 'ws' },
  { work: 'latency', unit: 'µs to connect', bar: 0.8 },
  { work: 'tls-exchange', unit: 'exchanges/s', bar: 1.1, peer: 'tls' },
  { work: 'tls-resumed', unit: 'exchanges/s', bar: 1.1, peer: 'tls' },
  { work: 'tls-bulk', unit: 'MiB/s', bar: 1.1, peer: 'tls' },
];

for (const { work, unit, bar, peer = 'net' } of works) {
  t.test(`${work} is measured and compared`, async (t) => {
    const name = `${work}/socket-stream/${peer}`;
    const { machine, options, rows, measured } = await benchInJson(
      t,
      ...short,
      '--only',
      name,
    );
    t.match(machine, { node: process.versions.node, cores: Number });
    t.equal(typeof machine.flows, typeof machine.congestionControl);
    t.match(options, { runs: 1, freshRuns: 1, seconds: 0.05, only: [name] });
    t.match(rows[0], {
      name,
      unit,
      transport: 'stream',
      ours: Number,
      peer: Number,
      ratio: Number,
      bar,
      met: bar === null ? null : Boolean,
      runs: 1,
      spread: { ours: 0, peer: 0 },
      notRun: null,
      broke: null,
    });
    t.strictSame(
      measured.map((each) => each.name),
      [`${work}/${peer}`, `${work}/socket-stream`],
    );
    for (const { figures } of measured) {
      t.match(figures, {
        rate: { median: Number },
        cpu: { median: Number },
        'page faults': { median: Number },
        'resident MiB': { median: Number },
      });
      if (process.platform === 'linux') {
        t.match(figures, { 'reads and writes': { median: Number } });
      }
    }
  });
}

t.test('idle connections are weighed', async (t) => {
  const { rows, measured } = await benchInJson(
    t,
    ...short,
    '--connections',
    '100',
    '--only',
    'memory/winsock-stream',
  );
  t.strictSame(
    rows.map(({ name }) => name),
    ['memory/winsock-stream/net', 'memory/winsock-stream/net/heap'],
  );
  for (const { figures } of measured) {
    t.match(figures, { rss: { median: Number }, heap: { median: Number } });
  }
});

t.test('held connections are held against themselves', async (t) => {
  const { rows } = await benchInJson(
    t,
    ...short,
    '--held',
    '30',
    '--only',
    'held/socket-stream',
  );
  t.strictSame(
    rows.map(({ name, bar }) => ({ name, bar })),
    ['accept', 'echo', 'latency'].map((cost) => ({
      name: `held/socket-stream/${cost}`,
      bar: 0.8,
    })),
  );
});

t.test('a drain of many is held against one of few', async (t) => {
  const { rows, measured } = await benchInJson(
    t,
    ...short,
    '--drained',
    '20',
    '--only',
    'drain/socket-stream',
  );
  t.match(rows, [
    { name: 'drain/socket-stream/net', ours: Number, peer: Number, bar: 0.8 },
    { name: 'drain/socket-stream/cpu', ours: Number, peer: Number, bar: 0.8 },
  ]);
  t.strictSame(
    measured.map(({ name }) => name),
    ['drain/net', 'drain/socket-stream'],
  );
});

t.test('programs are timed until their first connection', async (t) => {
  const name = 'start/socket-stream/net';
  const { rows } = await benchInJson(t, ...short, '--only', name);
  t.match(rows, [
    { name, transport: 'stream', ours: Number, peer: Number, bar: 0.85 },
  ]);
});

t.test('what importing adds is held against what it may', async (t) => {
  const { rows, measured } = await benchInJson(t, ...short, '--only', 'import');
  t.match(rows, [
    { name: 'import/allowed', transport: null, ours: Number, peer: 25, bar: 1 },
  ]);
  t.strictSame(
    measured.map(({ name }) => name),
    ['import/goodbyte'],
    'it is measured once, against the same processes without it',
  );
});

t.test('another build takes its turn beside this one', async (t) => {
  const checkout = path.resolve(import.meta.dirname, '../../..');
  const name = 'echo/socket-stream';
  const { rows, measured } = await benchInJson(
    t,
    ...short,
    '--compare',
    checkout,
    '--only',
    `${name}/net`,
  );
  t.strictSame(
    measured.map((each) => each.name),
    ['echo/net', `${name} of the other build`, name],
  );
  t.match(
    rows.filter(({ name }) => name.includes('/build')),
    ['', '/cpu'].map((figure) => ({
      name: `${name}/build${figure}`,
      ours: Number,
      peer: Number,
      bar: null,
      notRun: null,
    })),
  );
});

t.test('the table has the same in words', async (t) => {
  const { code, stdout, stderr } = await bench(
    ...short,
    '--only',
    'echo/socket-stream/net',
  );
  t.equal(code, 0, stderr);
  t.match(stdout, /^echo\/net +rate +[\d,]+ +± 0 %$/m);
  t.match(stdout, /^echo\/socket-stream\/net .* ≥ 0\.90 +(met|missed)$/m);
});

const floorRow = [...short, '--json', '--only', 'echo/socket-stream/floor'];

t.test('a run that is not possible is reported, with the reason', async (t) => {
  const { code, stdout } = await benchOnPath(t.testdir(), ...floorRow);
  t.equal(code, 0);
  const { rows, measured } = JSON.parse(stdout) as Report;
  t.match(rows, [{ ours: Number, peer: null, ratio: null, met: null }]);
  t.match(rows[0]?.notRun, /no C compiler|needs epoll/);
  t.match(
    measured.find(({ name }) => name === 'echo/floor'),
    { runs: 0, notRun: String, broke: null },
  );
});

t.test(
  'a broken contender is reported, and fails the bench',
  { skip: process.platform !== 'linux' && 'the floor runs on Linux alone' },
  async (t) => {
    const folder = t.testdir();
    const compiler = path.join(folder, 'cc');
    writeFileSync(compiler, '#!/bin/sh\necho no >&2\nexit 1\n', {
      mode: 0o755,
    });
    const { code, stdout, stderr } = await benchOnPath(folder, ...floorRow);
    t.equal(code, 1);
    t.match(stderr, /^echo\/floor: /);
    const { rows } = JSON.parse(stdout) as Report;
    t.match(rows, [{ peer: null, ratio: null, met: null, notRun: null }]);
    t.match(rows[0]?.broke, /no/);
  },
);

t.test('a wrong option is reported with the valid values', async (t) => {
  const row = await bench('--only', 'carrier-pigeon');
  t.equal(row.code, 2);
  t.match(
    row.stderr,
    /begins with "carrier-pigeon"; the rows are:\n +exchange\//,
  );
  const runs = await bench('--runs', 'many');
  t.equal(runs.code, 2);
  t.match(runs.stderr, /--runs takes a number from 1, not "many"/);
  const build = await bench('--compare', t.testdir());
  t.equal(build.code, 2);
  t.match(build.stderr, /--compare needs a built checkout/);
  const unknown = await bench('--faster');
  t.equal(unknown.code, 2);
});

t.test('--help lists the options', async (t) => {
  const { code, stdout } = await bench('--help');
  t.equal(code, 0);
  t.match(stdout, /^npm run bench -- \[options\]\n\n/);
  t.match(stdout, /^ {2}--seconds N +duration of one run; 1$/m);
});
