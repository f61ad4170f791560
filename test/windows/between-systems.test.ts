import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import {
  loadScenarios,
  planRuns,
  type JsonReport,
} from '../../conformance/index.js';

// The command as one would type it, with an agent in Windows' Node under Wine
// at one end and one on this system at the other. `npm run test:windows` runs
// this; `npm test` does not.

t.setTimeout(600_000);

const NODE = '22.23.3';

const root = path.resolve(import.meta.dirname, '../../..');
const main = 'dist/cli/main.js';
const { lacksWine } = (await import(
  pathToFileURL(path.join(root, 'scripts/wine.mjs')).href
)) as { lacksWine: () => string | undefined };

const agent = `${main} conformance agent`;
const here = `node ${agent}`;
// Node in Wine cannot use our pipes, so its agent connects to the runner.
const inWine = `tcp:node scripts/wine-node.mjs ${NODE} ${agent}`;

// Winsock2 above a service provider that speaks framing.
const folder = 'dist/conformance/reference-provider/win32-x64';
const onWinsock2 = `${inWine} --provider winsock2:${folder}/goodbyte-provider.dll`;

const pairs = [
  { name: 'Windows calls Linux', client: inWine, server: here },
  { name: 'Linux calls Windows', client: here, server: inWine },
  { name: 'Winsock2 calls Linux', client: onWinsock2, server: here },
  { name: 'Linux calls Winsock2', client: here, server: onWinsock2 },
];

const families = ['IPv4', 'IPv6'] as const;

/**
 * A listener of the reference provider was not told of a caller, in one of some thousand
 * runs in Wine. One cause is fixed (TcpStream::CloseWhenFree); whether it was the only
 * one is unknown. It has only this form, and more of them are a failure.
 */
const MOST_UNTOLD = 2;
const isUntold = ({ findings }: JsonReport['runs'][number]) =>
  findings.length > 0 &&
  findings.every(
    ({ agent, call, outcome }) =>
      agent === 'server' && call === 'WSAAccept' && outcome === 'timeout',
  );

/** Runs the command in the checkout; `node` is the same Node there. */
async function goodbyte(...args: string[]) {
  const { PATH = '' } = process.env;
  const programs = path.dirname(process.execPath);
  const child = spawn(process.execPath, [main, ...args], {
    cwd: root,
    env: { ...process.env, PATH: `${programs}${path.delimiter}${PATH}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await once(child, 'exit')) as [number | null];
  const [stdout, stderr] = await printed;
  return { code, stdout, stderr };
}

for (const { name, client, server } of pairs) {
  t.test(name, { skip: lacksWine() ?? false }, async (t) => {
    const ends = ['--client', client, '--server', server];
    const over = families.flatMap((family) => ['--family', family]);
    const { code, stdout, stderr } = await goodbyte(
      'conformance',
      'run',
      '--json',
      '--quiet',
      ...ends,
      ...over,
    );
    t.equal(stderr, '');
    const { runs, ...report } = JSON.parse(stdout) as JsonReport;
    const untold = server === onWinsock2 ? runs.filter(isUntold) : [];
    for (const { id } of untold) t.comment(`no caller was reported: ${id}`);
    t.ok(untold.length <= MOST_UNTOLD, 'callers that nobody was told of');
    if (!t.equal(code, untold.length > 0 ? 1 : 0)) t.comment(stdout);
    const systems = [report.client, report.server]
      .map((end) => end?.system ?? 'unknown')
      .toSorted();
    t.match(systems[0], 'linux x64');
    t.match(systems[1], `win32 x64, Node ${NODE}`);
    const plan = planRuns({
      scenarios: loadScenarios(),
      families: [...families],
    });
    t.equal(runs.length, plan.runs.length, 'all of them ran');
    for (const run of runs) {
      if (untold.includes(run)) continue;
      const { id, order, mode, verdict, warnings, findings } = run;
      // A provider does not notice plain peers, and its agent says so.
      const isNotRun = warnings.some((text) => text.includes('was not run'));
      const expected = isNotRun ? /^UNIMPLEMENTED$/ : /^(OK|INFORMATIONAL)$/;
      t.match(verdict, expected, `${id} ${order || mode}`, { findings });
    }
  });
}
