// Fuzzes the decoder in native/framing with libFuzzer, AddressSanitizer and
// UndefinedBehaviorSanitizer, for a limited time. Exits with 0 if nothing was
// found.
//
//   node scripts/fuzz.mjs                  a minute
//   node scripts/fuzz.mjs --seconds 600    longer
//   node scripts/fuzz.mjs --replay FILE    one input, with its fault
//   node scripts/fuzz.mjs --corpus         write the seeds, from the vectors
//   node scripts/fuzz.mjs --check-corpus   check that the seeds are those
//
// A run keeps its corpus and findings in .cache/fuzz; the seeds do not change.

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseOptions } from './options.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(root, ...parts);
const vectors = at('conformance', 'vectors');
const seeds = at('native', 'framing', 'fuzz', 'corpus');
const cache = at('.cache', 'fuzz');
const findings = join(cache, 'findings');
const program = join(cache, 'decoder_fuzzer');

const say = (text) => process.stdout.write(`${text}\n`);

class FuzzError extends Error {}

/** Makes an input for decoder_fuzzer.cc from a vector. */
function inputOf(vector) {
  const { from, mode, limits, allowPlain, fin, hex } = vector;
  const octets = Buffer.from([hex].flat().join(''), 'hex');
  const header = Buffer.alloc(10);
  header[0] =
    (from === 'callee' ? 1 : 0) |
    (mode === 'message' ? 2 : 0) |
    (allowPlain ? 4 : 0) |
    (fin ? 8 : 0);
  // Any number will do as a seed; each case has its own, which does not change.
  header[1] = octets.length & 0xff;
  header.writeUInt32BE(1024 + 2 * limits.userData, 2);
  header.writeUInt32BE(limits.message, 6);
  return Buffer.concat([header, octets]);
}

/** Maps the files' names to the seeds. */
function wantedSeeds() {
  const files = readdirSync(vectors)
    .filter((name) => name.endsWith('.json') && !name.includes('.schema.'))
    .map((name) => JSON.parse(readFileSync(join(vectors, name))));
  return new Map(
    files
      .filter(({ kind }) => kind === 'direction')
      .flatMap(({ cases }) => cases)
      .map((vector) => [vector.id, inputOf(vector)]),
  );
}

function writeCorpus() {
  rmSync(seeds, { force: true, recursive: true });
  mkdirSync(seeds, { recursive: true });
  const wanted = wantedSeeds();
  for (const [id, input] of wanted) writeFileSync(join(seeds, id), input);
  say(`${wanted.size} seeds written`);
}

function checkCorpus() {
  const wanted = wantedSeeds();
  const wrong = [...wanted.keys()].filter((id) => {
    const file = join(seeds, id);
    return !existsSync(file) || !readFileSync(file).equals(wanted.get(id));
  });
  wrong.push(...readdirSync(seeds).filter((name) => !wanted.has(name)));
  if (wrong.length > 0) {
    throw new FuzzError(
      `seeds that differ from the vectors: ${wrong.join(', ')}; ` +
        '`npm run fuzz -- --corpus` rewrites them',
    );
  }
  say(`${wanted.size} seeds match the vectors`);
}

/** Returns a clang++ that can link libFuzzer. */
function build() {
  mkdirSync(findings, { recursive: true });
  mkdirSync(join(cache, 'corpus'), { recursive: true });
  const compiler = process.env.CXX?.includes('clang')
    ? process.env.CXX
    : 'clang++';
  const found = spawnSync(compiler, ['--version'], { encoding: 'utf8' });
  if (found.status !== 0) {
    throw new FuzzError(
      `fuzzing needs clang with libFuzzer, but ${compiler} was not found ` +
        '(on Debian: apt-get install clang libclang-rt-14-dev)',
    );
  }
  const compiled = spawnSync(
    compiler,
    [
      ...'-std=c++17 -O2 -g -fno-exceptions -fno-rtti'.split(' '),
      '-fsanitize=fuzzer,address,undefined',
      '-fno-sanitize-recover=all',
      `-I${at('native')}`,
      at('native', 'framing', 'decoder.cc'),
      at('native', 'framing', 'fuzz', 'decoder_fuzzer.cc'),
      '-o',
      program,
    ],
    { encoding: 'utf8' },
  );
  if (compiled.status === 0) return;
  throw new FuzzError(
    /libclang_rt|cannot find|unable to find library/.test(compiled.stderr)
      ? `fuzzing needs libFuzzer, but ${compiler} comes without it ` +
          '(on Debian: apt-get install libclang-rt-14-dev)'
      : `the target does not compile:\n${compiled.stderr}`,
  );
}

function run(args) {
  return spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, UBSAN_OPTIONS: 'print_stacktrace=1' },
  });
}

function replay(file) {
  const { status, stderr } = run([file]);
  if (status !== 0) throw new FuzzError(stderr);
  say(`${file}: no fault`);
}

function fuzz(seconds) {
  const { status, signal, stderr } = run([
    `-max_total_time=${seconds}`,
    '-max_len=4096',
    '-timeout=10',
    '-print_final_stats=1',
    `-artifact_prefix=${findings}/`,
    // A run adds to the first folder.
    join(cache, 'corpus'),
    seeds,
  ]);
  if (status !== 0) {
    const kept = /Test unit written to (.*)/.exec(stderr)?.[1];
    throw new FuzzError(
      `${stderr}\n` +
        (kept
          ? `found a fault; to repeat it: npm run fuzz -- --replay ${relative(root, kept)}`
          : `the target ended with ${signal ?? status}`),
    );
  }
  const executions = /number_of_executed_units: (\d+)/.exec(stderr)?.[1];
  const covered = [...stderr.matchAll(/ cov: (\d+) ft: (\d+) /g)].at(-1) ?? [];
  say(
    `${executions} executions in ${seconds} s, nothing found; ` +
      `coverage: ${covered[1]} edges, ${covered[2]} features`,
  );
}

try {
  const { values } = parseOptions({
    options: {
      seconds: { type: 'string', default: '60' },
      replay: { type: 'string' },
      corpus: { type: 'boolean' },
      'check-corpus': { type: 'boolean' },
    },
  });
  const seconds = Number(values.seconds);
  if (!Number.isInteger(seconds) || seconds < 1) {
    throw new FuzzError('--seconds takes a whole number from 1');
  }
  if (values.corpus) writeCorpus();
  else if (values['check-corpus']) checkCorpus();
  else {
    build();
    if (values.replay) replay(resolve(values.replay));
    else fuzz(seconds);
  }
} catch (error) {
  if (!(error instanceof FuzzError)) throw error;
  process.stderr.write(`fuzz: ${error.message.trimEnd()}\n`);
  process.exitCode = 1;
}
