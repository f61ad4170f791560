import { readFileSync } from 'node:fs';
import t from 'tap';
import { cli } from './cli-harness.js';

const { version } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as { version: string };

await t.test('help and version', async (t) => {
  const cases: [string[], RegExp][] = [
    [['--help'], /^Usage: goodbyte <command>/],
    [['-h'], /^Usage: goodbyte <command>/],
    [['help'], /^Usage: goodbyte <command>/],
    [['help', 'info'], /^Usage: goodbyte info/],
    [['help', 'conformance'], /^Usage: goodbyte conformance <command>/],
    [['help', 'conformance', 'run'], /^Usage: goodbyte conformance run/],
    [['info', '--help'], /^Usage: goodbyte info/],
    [['proxy', '--help'], /^Usage: goodbyte proxy/],
    [['probe', '--help'], /^Usage: goodbyte probe/],
    [['conformance', '--help'], /^Usage: goodbyte conformance <command>/],
    [['conformance', 'help'], /^Usage: goodbyte conformance <command>/],
    [['conformance', 'help', 'run'], /^Usage: goodbyte conformance run/],
    [['providers', 'help'], /^Usage: goodbyte providers/],
    [['conformance', 'run', '-h'], /^Usage: goodbyte conformance run/],
    [['conformance', 'list', '-h'], /^Usage: goodbyte conformance list/],
    [['conformance', 'agent', '-h'], /^Usage: goodbyte conformance agent/],
    [['conformance', 'merge', '-h'], /^Usage: goodbyte conformance merge/],
    [['conformance', 'diff', '-h'], /^Usage: goodbyte conformance diff/],
    [['--version'], new RegExp(`^${version}\n$`)],
    [['-v'], new RegExp(`^${version}\n$`)],
  ];
  for (const [args, expected] of cases) {
    const { code, stdout, stderr } = await cli(args);
    t.match(stdout, expected, args.join(' '));
    t.strictSame({ code, stderr }, { code: 0, stderr: '' });
  }
});

await t.test('wrong usage', async (t) => {
  const cases: [string[], RegExp][] = [
    [[], /^Usage: goodbyte <command>/],
    [
      ['nonsense'],
      /unknown command "nonsense"; the commands are "connect", "listen", "proxy", "probe"/,
    ],
    [['help', 'nonsense'], /unknown command "nonsense"/],
    [['hlp'], /unknown command "hlp"; did you mean "help"\?/],
    [['toString'], /unknown command "toString"/],
    [['conect'], /unknown command "conect"; did you mean "connect"\?/],
    [['conformance'], /^Usage: goodbyte conformance <command>/],
    [['conformance', 'lst'], /did you mean "list"\?/],
    [['connect', '--caller-dta=x', '1'], /did you mean "--caller-data"\?/],
    [['conformance', 'run', '--scenaro', 'x'], /mean "--scenario" or "--sc/],
    ...(process.platform === 'win32'
      ? []
      : ([[['providers'], /no catalog of Winsock providers/]] as [
          string[],
          RegExp,
        ][])),
    [
      ['conformance', 'nonsense'],
      /the commands are "run", "list", "agent", "merge", "diff"/,
    ],
    [['conformance', 'run', '--nonsense'], /Unknown option '--nonsense'/],
    [['conformance', 'run', 'stray'], /Unexpected argument 'stray'/],
    [['conformance', 'run', '--timeout', 'soon'], /--timeout takes a whole/],
    [['conformance', 'run', '--timeout', '0'], /from 1 on, not "0"/],
    [['conformance', 'run', '--family', 'IPv5'], /--family takes IPv4, IPv6/],
    [['conformance', 'run', '--provider', 'x'], /unknown provider "x"/],
    [['conformance', 'run', '--client', ' '], /--client: .* is empty/],
    [['conformance', 'run', '--server', '"a'], /--server: the quote " is not/],
    [['conformance', 'list', '--scenarios', '/none'], /--scenarios \/none/],
    [
      ['conformance', 'agent', '--fault', 'x'],
      /unknown fault "x"; the faults are/,
    ],
    [['conformance', 'agent', '--connect', 'x'], /takes HOST:PORT, not "x"/],
    [['info', '--nonsense'], /Unknown option '--nonsense'/],
  ];
  for (const [args, expected] of cases) {
    const { code, stdout, stderr } = await cli(args);
    t.match(stderr, expected, args.join(' '));
    t.strictSame({ code, stdout }, { code: 2, stdout: '' });
  }
});

await t.test("info lists each provider's declarations", async (t) => {
  const { stdout } = await cli(['info']);
  t.match(stdout, `goodbyte ${version} on Node ${process.versions.node}`);
  t.match(stdout, /provider framed\n[^]*AF_INET6, SOCK_SEQPACKET/);
  t.match(stdout, /XP1_CONNECT_DATA XP1_DISCONNECT_DATA/);
  const json = JSON.parse((await cli(['info', '--json'])).stdout) as {
    providers: { name: string; protocols: { flags: string[] }[] }[];
  };
  const framed = json.providers.find(({ name }) => name === 'framed');
  t.ok(framed?.protocols[0]?.flags.includes('XP1_DISCONNECT_DATA'));
});

await t.test('list', async (t) => {
  const { code, stdout } = await cli(['conformance', 'list']);
  t.equal(code, 0);
  t.match(stdout, /eight-steps\/fd-close +MUST +1 +5 +The eight steps/);
  t.match(stdout, /\n\d+ scenarios, \d+ cases, \d+ runs\n$/);
  const json = await cli([
    'conformance',
    'list',
    '--json',
    '--scenario',
    'eight-steps*',
  ]);
  t.strictSame(
    (
      JSON.parse(json.stdout) as {
        id: string;
        scenario: string;
        forced: number;
      }[]
    ).map(({ id, scenario, forced }) => [id, scenario, forced]),
    [
      ['eight-steps/fd-close', 'eight-steps/fd-close', 4],
      ['eight-steps/wsaediscon', 'eight-steps/wsaediscon', 4],
      ['eight-steps/zero-length-receive', 'eight-steps/zero-length-receive', 4],
    ],
  );
  const none = await cli(['conformance', 'list', '--scenario', 'nothing']);
  t.equal(none.code, 3);
  t.match(none.stderr, /no scenario fits; `goodbyte conformance list`/);
  const mistyped = ['run', '--scenario', 'eight-steps/fd-closed'];
  const near = await cli(['conformance', ...mistyped]);
  t.equal(near.code, 3);
  t.match(near.stderr, /near it: eight-steps\/fd-close\n/);
  const group = ['run', '--scenario', 'eight-stps/*'];
  const nearGroup = await cli(['conformance', ...group]);
  t.match(nearGroup.stderr, /near it: eight-steps\/\*\n/);
});

await t.test('run: the eight steps, in this process', async (t) => {
  const args = ['run', '--in-process', '--scenario', 'eight-steps*'];
  const { code, stdout, stderr } = await cli(['conformance', ...args]);
  t.strictSame({ code, stderr }, { code: 0, stderr: '' });
  t.match(stdout, /eight-steps\/fd-close +5a 6 7 8 +FD_CLOSE +OK +OK/);
  t.match(stdout, /\n15 runs: 15 OK {2}in /);
  t.notMatch(stdout, '\u001B', 'no colours without a terminal');
  const onTerminal = await cli(['conformance', ...args], { isTTY: true });
  t.match(onTerminal.stdout, '\u001B[32m');
  const without = await cli(['conformance', ...args], {
    isTTY: true,
    env: { NO_COLOR: '1' },
  });
  t.notMatch(without.stdout, '\u001B');
});

await t.test('run: nothing fits', async (t) => {
  const { code, stdout } = await cli([
    'conformance',
    'run',
    '--in-process',
    '--scenario',
    'nothing',
  ]);
  t.equal(code, 3);
  t.match(stdout, 'nothing ran');
});

await t.test('run: a broken scenario file', async (t) => {
  const folder = t.testdir({ a: { 'b.json': '{ "id": "a/b" }' } });
  const { code, stderr } = await cli([
    'conformance',
    'run',
    '--in-process',
    '--scenarios',
    folder,
  ]);
  t.equal(code, 2);
  t.match(
    stderr,
    /b\.json is not a valid scenario:\n {2}the file lacks "title"/,
  );
});
