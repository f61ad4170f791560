import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** As on a terminal of 92 columns, with the table's colours. */
const TERMINAL =
  'data:text/javascript,process.stdout.isTTY=true;' +
  'process.stdout.columns=92;';

function goodbyte(args, stdin = 'ignore', ...options) {
  const { NO_COLOR: _, ...env } = process.env;
  return spawn(process.execPath, [...options, 'dist/cli/main.js', ...args], {
    env,
    stdio: [stdin, 'pipe', 'pipe'],
  });
}

/** Resolves with its output on both streams, in order of arrival. */
function output(child, { quiet = false } = {}) {
  const lines = [];
  const streams = quiet ? [child.stdout] : [child.stdout, child.stderr];
  for (const stream of streams) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      child.emit('line', line);
    });
  }
  if (quiet) child.stderr.resume();
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      // 1 is a failure in the suite; with a higher code there is nothing to show.
      if (code > 1) reject(new Error(`exit code ${code}: ${lines.join('\n')}`));
      else resolve(lines.join('\n'));
    });
  });
  return { ended };
}

/** Two shells: one listens, one connects, and both say goodbye. */
export async function everyday() {
  const server = goodbyte([
    'listen',
    '0',
    '--callee-data=good morning',
    '--answer=the grand total is 41',
  ]);
  const served = output(server).ended;
  const [line] = await once(server, 'line');
  const [port] = /\d+(?="$)/.exec(line);
  const client = goodbyte(
    ['connect', 'localhost', port, '--caller-data=teller 7', '--last-word=41'],
    'pipe',
  );
  client.stdin.end('20 in\n21 in\n');
  const called = await output(client).ended;
  // Made the same in each run.
  const heard = (await served)
    .replace(port, '4711')
    .replace(/(?<=from: "127\.0\.0\.1:)\d+/, '40634');
  return [
    {
      title: 'the ledger',
      text:
        "$ goodbyte listen 4711 --callee-data 'good morning' \\\n" +
        `    --answer 'the grand total is 41'\n${heard}`,
    },
    {
      title: 'a teller',
      text:
        "$ printf '20 in\\n21 in\\n' | goodbyte connect localhost 4711 \\\n" +
        `    --caller-data 'teller 7' --last-word 41\n${called}`,
    },
  ];
}

/** Short enough for the terminal not to cut it. */
const WRONG =
  'node dist/cli/main.js conformance agent --fault drops-disconnect-data';

/** The suite against a server that forgets to send its answer. */
export async function conformance() {
  const shown = 'goodbyte conformance run --server ./my-agent';
  const options = ['--scenario', 'eight-steps/fd-close', '--max-orders', '2'];
  const run = ['conformance', 'run', '--server', WRONG, ...options];
  const child = goodbyte(run, 'ignore', '--import', TERMINAL);
  const text = await output(child, { quiet: true }).ended;
  return [
    {
      title: 'an agent that loses its last word',
      text:
        `$ ${shown} \\\n    ${options.join(' ')}\n` +
        text.replaceAll(WRONG, './my-agent'),
    },
  ];
}

/** The page of three reports: two that pass, and that agent's. */
export async function reportPage(folder) {
  const names = ['engine', 'streams', 'my-agent'];
  const files = names.map((name) => join(folder, `${name}.json`));
  const scenarios = ['eight-steps/*', 'disconnect-data/*', 'connect-data/*'];
  for (const [index, name] of names.entries()) {
    process.env.GOODBYTE_TRANSPORT = name === 'streams' ? 'stream' : 'engine';
    const child = goodbyte([
      'conformance',
      'run',
      `--name=${name}`,
      '--family=IPv4',
      ...scenarios.flatMap((glob) => ['--scenario', glob]),
      ...(name === 'my-agent' ? ['--server', WRONG] : ['--in-process']),
      `--report=json=${files[index]}`,
      '--quiet',
    ]);
    await output(child).ended;
    const report = readFileSync(files[index], 'utf8');
    writeFileSync(files[index], report.replaceAll(WRONG, './my-agent'));
  }
  const page = join(folder, 'report.html');
  const report = ['--report', `html=${page}`];
  await output(goodbyte(['conformance', 'merge', ...report, ...files])).ended;
  return page;
}
