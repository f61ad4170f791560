// Starts Windows programs in Wine many times, as the tests start them, and counts the
// failures: how reliable is this version of Wine?
//
//   node scripts/wine-starts.mjs                       10,000, a tenth of them Node
//   GOODBYTE_WINE=10 node scripts/wine-starts.mjs --starts 500 --node 26.10.0
//
// Half of the small programs are started from here, half by Windows' Node, with
// pipes. Each failed start is reported with its output; the last line has counts and
// times. The exit code is 1 if one failed.

import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fetchNode } from './nodes.mjs';
import { parseOptions } from './options.mjs';
import { sideBySide } from './side-by-side.mjs';
import { indent, say } from './tap-report.mjs';
import { lacksWine, runInWine, startServer, SYSTEM, WINE } from './wine.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const { values } = parseOptions({
  options: {
    starts: { type: 'string', default: '10000' },
    node: { type: 'string', default: '22.23.3' },
  },
});
const node = String(values.node);
const all = Number(values.starts);
if (!Number.isSafeInteger(all) || all < 10) {
  process.stderr.write('wine-starts: --starts takes a number from 10\n');
  process.exit(2);
}
const lacking = lacksWine();
if (lacking) {
  process.stderr.write(`wine-starts: ${lacking}\n`);
  process.exit(2);
}

/** Milliseconds for one process. A busy machine is no failure. */
const TIME_LIMIT = 120_000;
/** Small programs that one Node starts. */
const BATCH = 50;
/** Milliseconds between progress lines. */
const TOLD_EVERY = 60_000;

/** A small program of Wine's, and its output. */
const SMALL = 'hostname.exe';
const NAME = /^[\w-]+\r\n$/;

/** For Windows' Node: starts it this often, and prints each failure. */
const startMany = `
  const { spawnSync } = require('node:child_process');
  const failed = [];
  for (let left = ${BATCH}; left > 0; left--) {
    const { status, signal, error, stdout, stderr } =
      spawnSync('${SMALL}', { encoding: 'utf8', timeout: ${TIME_LIMIT} });
    if (status === 0 && ${NAME}.test(stdout)) continue;
    failed.push({ status, signal, error: error?.message, stdout, stderr });
  }
  console.log(JSON.stringify(failed));
`;

const counts = {};
let deaths = 0;

function count(kind, number, milliseconds, failures) {
  const of = (counts[kind] ??= { starts: 0, failed: 0, seconds: 0 });
  of.starts += number;
  of.failed += failures.length;
  of.seconds += milliseconds / 1000;
  for (const failure of failures) {
    say(`FAILED  ${kind}\n${indent(JSON.stringify(failure, undefined, 2))}`);
  }
}

let server;

/** Runs a program; says so if the server's death broke it off. */
async function run(program, args) {
  if (!server || server.ended) server = startServer();
  const own = server;
  const began = Date.now();
  const result = await runInWine(program, args, {
    env: {},
    timeLimit: TIME_LIMIT,
  });
  const took = Date.now() - began;
  if (own.ended && !own.counted) {
    own.counted = true;
    deaths += 1;
    say("FAILED  Wine's server died");
  }
  const broken = own.ended ? "Wine's server died" : result.broken;
  return { ...result, broken, took };
}

const failure = ({ status, stdout, stderr, broken }) => ({
  status,
  stdout,
  stderr,
  broken,
});

async function startSmall() {
  const result = await run(SMALL, []);
  const { status, stdout, stderr, took } = result;
  const ok = status === 0 && NAME.test(stdout) && stderr === '';
  count('program', 1, took, ok ? [] : [failure(result)]);
}

async function startNode() {
  const result = await run(program, ['-e', '0']);
  const { status, stdout, stderr, took } = result;
  const ok = status === 0 && stdout === '' && stderr === '';
  count('node -e 0', 1, took, ok ? [] : [failure(result)]);
}

async function startFromNode() {
  const result = await run(program, ['-e', startMany]);
  let failed;
  try {
    failed = JSON.parse(result.stdout);
  } catch {
    failed = [failure(result)];
  }
  count('program, by Node', BATCH, result.took, failed);
}

const program = fetchNode('.', SYSTEM, node);
const ofNode = Math.round(all / 10);
const batches = Math.round((all - ofNode) / 2 / BATCH);
const ofSmall = all - ofNode - batches * BATCH;

/** All starts, mixed: each kind is spread over the whole run. */
const works = [
  [startSmall, ofSmall],
  [startNode, ofNode],
  [startFromNode, batches],
]
  .flatMap(([work, times]) =>
    Array.from({ length: times }, (_, index) => ({
      work,
      place: (index + 0.5) / times,
    })),
  )
  .toSorted((a, b) => a.place - b.place);

const summary = () =>
  [
    ...Object.entries(counts).map(
      ([kind, { starts, failed, seconds }]) =>
        `${kind}: ${starts} starts, ${failed} failed, ` +
        `${((1000 * seconds) / starts).toFixed(0)} ms each`,
    ),
    `${deaths} deaths of the server`,
  ].join('; ');

const finished = new AbortController();
const telling = (async () => {
  for (;;) {
    await delay(TOLD_EVERY, undefined, { signal: finished.signal });
    say(`Wine ${WINE}, so far: ${summary()}`);
  }
})().catch(() => {});

await sideBySide(works, ({ work }) => work());
finished.abort();
await telling;
say(`Wine ${WINE}, Node ${node}: ${summary()}`);
const failed = Object.values(counts).some((one) => one.failed > 0);
process.exit(failed || deaths > 0 ? 1 : 0);
