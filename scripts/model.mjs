// Checks the model of the framed lifecycle, conformance/model/lifecycle.pml, with
// spin, in every state that it can reach. Exits with 0 if each claim holds in all
// of them, and the search was complete.
//
//   node scripts/model.mjs                  check the model
//   node scripts/model.mjs --mutations      check that each mistake is found
//   node scripts/model.mjs --mutation NAME  one mistake, with its counterexample
//   node scripts/model.mjs --trace SEED     a run that a seed draws
//   node scripts/model.mjs --keep-traces    choose conformance/model/traces.txt
//   node scripts/model.mjs --table          write conformance/model/table.pml
//
// Generated files stay in .cache/model.

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseOptions } from './options.mjs';
import { sideBySide } from './side-by-side.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'conformance', 'model');
const cache = join(root, '.cache', 'model');

/** Octets that simultaneous searches may use together. */
const MEMORY_MIB = 2000;
/** Steps in a path; the longest has a few hundred. */
const DEPTH = 10_000;
/** Seconds after which a search is given up. */
const SECONDS = 1800;
/** Seeds whose traces --keep-traces looks at. */
const SEEDS = 1500;

const say = (text) => process.stdout.write(`${text}\n`);

class ModelError extends Error {}

/**
 * The checks: `macros` choose the model's variant, and `claim` is its formula;
 * without one, the assertions and the end states are checked.
 */
const checks = [
  { name: 'direct', title: 'assertions and end states', macros: [] },
  {
    name: 'relay',
    title: 'assertions and end states, a relay without half-close',
    macros: ['RELAY'],
  },
  {
    name: 'eager',
    title: 'assertions and end states, FIN with the last word',
    macros: ['EAGER', 'FEW'],
  },
  {
    name: 'released',
    title: 'everything is released after a close (LTL)',
    macros: ['FEW'],
    claim: 'released',
  },
];

function run(command, args, folder) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: SECONDS * 1000,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ output, ended: signal ?? code });
    });
  });
}

async function mustRun(command, args, folder) {
  const { output, ended } = await run(command, args, folder);
  if (ended !== 0 || /\berror:/i.test(output)) {
    throw new ModelError(`${command} ended with ${ended}:\n${output}`);
  }
  return output;
}

const sourceFiles = ['lifecycle.pml', 'table.pml'];

function readModel() {
  return new Map(
    sourceFiles.map((name) => [name, readFileSync(join(source, name), 'utf8')]),
  );
}

/** Returns the model with a mistake in it. */
function mutated(model, { name, replace, by }) {
  const places = [...model].flatMap(([file, text]) =>
    Array.from({ length: text.split(replace).length - 1 }, () => file),
  );
  if (places.length !== 1) {
    throw new ModelError(
      `mutations.json: the text that ${name} replaces is in the model ` +
        `${places.length} times, not once`,
    );
  }
  const [file] = places;
  const changed = model.get(file).split(replace).join(by);
  return new Map([...model, [file, changed]]);
}

/** Generates, compiles and runs one search. */
async function search(
  name,
  model,
  { macros, claim, optimize = '-O1' },
  memory,
) {
  const folder = join(cache, name);
  rmSync(folder, { force: true, recursive: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of model) writeFileSync(join(folder, file), text);
  const defines = macros.map((macro) => `-D${macro}`);
  await mustRun('spin', ['-a', ...defines, 'lifecycle.pml'], folder);
  const kind = claim ? [] : ['-DSAFETY', '-DNOCLAIM'];
  await mustRun(
    'gcc',
    `${optimize} -w -DCOLLAPSE -DMEMLIM=${memory}`
      .split(' ')
      .concat(kind, '-o', 'pan', 'pan.c'),
    folder,
  );
  const started = performance.now();
  const { output, ended } = await run(
    join(folder, 'pan'),
    [`-m${DEPTH}`, ...(claim ? ['-a', '-N', claim] : [])],
    folder,
  );
  const seconds = (performance.now() - started) / 1000;
  return { ...readResult(output), output, ended, seconds, folder, defines };
}

function readResult(output) {
  const number = (pattern) => Number(pattern.exec(output)?.[1] ?? Number.NaN);
  return {
    errors: number(/errors: (\d+)/),
    states: number(/(\d+(?:\.\d+e\+\d+)?) states, stored/),
    depth: number(/depth reached (\d+)/),
    memory: number(/([\d.]+)\ttotal actual memory usage/),
    truncated:
      /max search depth too small|reached -DMEMLIM|out of memory|Search not completed|hash table too full/i.test(
        output,
      ),
  };
}

/** The last steps of the path to an error, as spin prints them. */
function counterexample({ folder, defines }) {
  const { stdout } = spawnSync(
    'spin',
    ['-t', '-T', ...defines, 'lifecycle.pml'],
    { cwd: folder, encoding: 'utf8' },
  );
  return stdout.split('\n').slice(0, 200).join('\n').trimEnd();
}

const count = (value) => value.toLocaleString('en-US');

async function checkModel(jobs) {
  let failed = 0;
  const model = readModel();
  const verify = async (check) => {
    const found = await search(check.name, model, check, MEMORY_MIB / jobs);
    const { errors, states, depth, memory, seconds, truncated } = found;
    say(
      `${check.title}: ${count(states)} states, depth ${depth}, ` +
        `${Math.round(memory)} MiB, ${seconds.toFixed(1)} s, errors: ${errors}`,
    );
    if (errors === 0 && !truncated && found.ended === 0) return;
    failed += 1;
    say(
      errors > 0
        ? `FAILED  ${/^pan:1: (.*)/m.exec(found.output)?.[1] ?? 'an error'}\n${counterexample(found)}`
        : `FAILED  the search was not complete (pan ended with ${found.ended}):\n${found.output}`,
    );
  };
  await sideBySide(checks, verify, jobs);
  if (failed > 0) throw new ModelError(`${failed} of ${checks.length} failed`);
}

function readMutations() {
  return JSON.parse(readFileSync(join(source, 'mutations.json'), 'utf8'));
}

/** @returns the error that spin found, or `undefined`. */
async function findMistake(mutation, jobs) {
  const model = mutated(readModel(), mutation);
  const found = await search(
    join('mutations', mutation.name),
    model,
    { macros: ['FEW', ...(mutation.macros ?? [])], optimize: '-O0' },
    MEMORY_MIB / jobs,
  );
  if (found.errors > 0) {
    return {
      ...found,
      what: /^pan:1: (.*?)(?: \(at depth \d+\))?$/m.exec(found.output)?.[1],
    };
  }
  if (found.truncated || found.ended !== 0) {
    throw new ModelError(`${mutation.name}:\n${found.output}`);
  }
  return undefined;
}

async function checkMutations(jobs) {
  const mutations = readMutations();
  const missed = [];
  const check = async (mutation) => {
    const found = await findMistake(mutation, jobs);
    if (found) say(`found   ${mutation.name}: ${found.what}`);
    else missed.push(mutation.name);
  };
  await sideBySide(mutations, check, jobs);
  if (missed.length > 0) {
    throw new ModelError(`mistakes not found: ${missed.join(', ')}`);
  }
  say(`${mutations.length} mistakes, all of them found`);
}

async function showMutation(name) {
  const mutation = readMutations().find((one) => one.name === name);
  if (!mutation) throw new ModelError(`unknown mutation "${name}"`);
  const found = await findMistake(mutation, 1);
  if (!found) throw new ModelError(`${name} was not found`);
  say(`${mutation.why}\n${found.what}\n${counterexample(found)}`);
}

/** Words that begin a line of a trace; spin prints other lines too. */
const TRACE_LINE =
  /^(?:run|step|now|tell|status|cause|soon|answer|overLimit|read|defer|departed|drop|gone|cut|deadline|netReset|garbage|over)\b/;

/** Returns a run of the model, drawn by a seed. */
function traceOf(seed) {
  // Similar seeds give similar first numbers in spin.
  const spread = Math.imul(seed, 0x9e3779b1) >>> 1;
  const { stdout } = spawnSync(
    'spin',
    ['-T', `-n${spread}`, '-DTRACE', 'lifecycle.pml'],
    { cwd: source, encoding: 'utf8' },
  );
  const lines = stdout.split('\n').filter((line) => TRACE_LINE.test(line));
  if (lines.at(-1) !== 'over') throw new ModelError(`no trace:\n${stdout}`);
  return [`# seed ${seed}`, ...lines].join('\n');
}

const tracesFrom = (first, many) =>
  Array.from({ length: many }, (_, index) => traceOf(first + index));

/** Lists the table's cells and the medium's actions that a trace reaches. */
function metBy(trace) {
  const lines = trace.split('\n').slice(1);
  return new Set(
    lines.map((line, index) =>
      // A failed call is described by its return value.
      lines[index + 1]?.startsWith('status ')
        ? `${line} ${lines[index + 1]}`
        : line,
    ),
  );
}

/** Chooses few traces that together reach all that the seeds reach. */
function writeTraces(seeds) {
  const all = tracesFrom(1, seeds).map((trace) => ({
    trace,
    met: metBy(trace),
  }));
  const missing = new Set(all.flatMap(({ met }) => [...met]));
  const cells = [...missing].filter((line) => line.startsWith('step '));
  const kept = [];
  while (missing.size > 0) {
    const gain = ({ met }) => [...met].filter((one) => missing.has(one)).length;
    const best = all.reduce((a, b) => (gain(b) > gain(a) ? b : a));
    for (const one of best.met) missing.delete(one);
    kept.push(best.trace);
  }
  writeFileSync(join(source, 'traces.txt'), `${kept.join('\n\n')}\n`);
  say(
    `${kept.length} of ${seeds} traces kept; they reach ${cells.length} pairs ` +
      'of an end, a state and an input',
  );
}

async function writeTable() {
  // Only this needs compiled files.
  const { modelTable } = await import('./model-table.mjs');
  writeFileSync(join(source, 'table.pml'), modelTable());
}

function checkTools() {
  for (const [tool, flag] of [
    ['spin', '-V'],
    ['gcc', '--version'],
  ]) {
    if (spawnSync(tool, [flag]).status !== 0) {
      throw new ModelError(
        `the model is checked with spin and gcc, but ${tool} was not found ` +
          `(on Debian: apt-get install ${tool})`,
      );
    }
  }
}

try {
  const { values } = parseOptions({
    options: {
      mutations: { type: 'boolean' },
      mutation: { type: 'string' },
      trace: { type: 'string' },
      count: { type: 'string', default: '1' },
      'keep-traces': { type: 'boolean' },
      table: { type: 'boolean' },
      jobs: { type: 'string', default: String(availableParallelism()) },
    },
  });
  const jobs = Math.min(Number(values.jobs), checks.length);
  if (!Number.isInteger(jobs) || jobs < 1) {
    throw new ModelError('--jobs takes a whole number from 1');
  }
  if (!values.table) checkTools();
  if (values.table) await writeTable();
  else if (values.mutation !== undefined) await showMutation(values.mutation);
  else if (values.trace !== undefined) {
    const wanted = [Number(values.trace), Number(values.count)];
    if (!wanted.every((value) => Number.isInteger(value) && value > 0)) {
      throw new ModelError('--trace and --count take whole numbers from 1');
    }
    say(tracesFrom(...wanted).join('\n\n'));
  } else if (values['keep-traces']) writeTraces(SEEDS);
  else if (values.mutations) await checkMutations(jobs);
  else await checkModel(jobs);
} catch (error) {
  if (!(error instanceof ModelError)) throw error;
  process.stderr.write(`model: ${error.message.trimEnd()}\n`);
  process.exitCode = 1;
}
