import path from 'node:path';
import t from 'tap';
import { childAgent, splitCommandLine } from '../../conformance/index.js';
import { startOf, type Start } from '../../conformance/runner/program.js';
import { agentScript } from '../support/agent-script.js';

// Tests how an agent's command line is split, on Windows and elsewhere; both on every
// system.

const { raw } = String;
const both = ['linux', 'win32'] as const;

t.test('words', (t) => {
  const cases: [string, string[], (typeof both)[number][]?][] = [
    ['node agent.js --x', ['node', 'agent.js', '--x']],
    ['  a   b ', ['a', 'b']],
    ['"a b" \'c "d"\' ""', ['a b', 'c "d"', '']],
    ['$HOME `id` * %PATH%', ['$HOME', '`id`', '*', '%PATH%']],
    [raw`"e\"f"`, ['e"f']],
    [raw`C:\dir\x`, [raw`C:\dir\x`]],
    [raw`a\ b c\\d`, ['a b', raw`c\d`], ['linux']],
    [raw`it\'s`, ["it's"], ['linux']],
    [raw`a\ b c\\d`, ['a\\', 'b', raw`c\\d`], ['win32']],
    [
      raw`\\server\share\a.exe -x`,
      [raw`\\server\share\a.exe`, '-x'],
      ['win32'],
    ],
    [raw`"C:\Program Files\a.exe"`, [raw`C:\Program Files\a.exe`], ['win32']],
    [raw`"C:\dir\\" x`, ['C:\\dir\\', 'x'], ['win32']],
    [raw`"a\\\"b"`, [raw`a\"b`], ['win32']],
    [raw`C:\O'Brien\a.exe 'b c'`, [raw`C:\O'Brien\a.exe`, 'b c'], ['win32']],
  ];
  for (const [line, words, systems = both] of cases) {
    for (const system of systems) {
      t.strictSame(splitCommandLine(line, system), words, `${system}: ${line}`);
    }
  }
  for (const system of both) {
    t.throws(() => splitCommandLine('"a', system), /the quote " is not closed/);
    t.throws(() => splitCommandLine(' ', system), /is empty/);
  }
  t.throws(
    () => splitCommandLine(raw`"C:\dir\" x`, 'win32'),
    /not closed in: .* \(a "\\" in front of a quote escapes it: write "\\\\"\)/,
  );
  t.end();
});

/** A Windows system with some files. */
const windows = (...files: string[]) => ({
  platform: 'win32' as const,
  env: {
    Path: raw`C:\node;C:\tools`,
    PathExt: '.COM;.EXE;.BAT;.CMD;.JS',
    ComSpec: raw`C:\Windows\system32\cmd.exe`,
  },
  isFile: (file: string) =>
    files.some((one) => one.toLowerCase() === file.toLowerCase()),
});

const byCmd = (line: string): Start => ({
  program: raw`C:\Windows\system32\cmd.exe`,
  args: ['/d', '/v:off', '/s', '/c', `"${line}"`],
  verbatim: true,
});

t.test('programs that Windows starts', (t) => {
  const system = windows(
    raw`C:\node\node.exe`,
    raw`C:\node\npx`,
    raw`C:\node\npx.cmd`,
    raw`C:\tools\agent.bat`,
    raw`C:\Program Files\mine\agent.exe`,
    raw`C:\Program Files\mine\shim.cmd`,
    raw`\\server\share\agent.exe`,
    raw`C:\tools\agent.py`,
    raw`C:\tools\run.ps1`,
    'my agent.mjs',
  );
  const plain = (program: string, ...args: string[]): Start => ({
    program,
    args,
    verbatim: false,
  });
  const cases: [string[], Start][] = [
    [['node', 'a b'], plain(raw`C:\node\node.exe`, 'a b')],
    [
      [raw`C:\Program Files\mine\agent`, '-x'],
      plain(raw`C:\Program Files\mine\agent.exe`, '-x'),
    ],
    [[raw`\\server\share\agent.exe`], plain(raw`\\server\share\agent.exe`)],
    [['npx', 'tsx', 'a b.ts'], byCmd(raw`"C:\node\npx.cmd" "tsx" "a b.ts"`)],
    [['AGENT.BAT', '&calc', '^'], byCmd(raw`"C:\tools\AGENT.BAT" "&calc" "^"`)],
    [
      [raw`C:\Program Files\mine\shim.cmd`, 'C:\\dir\\'],
      byCmd(raw`"C:\Program Files\mine\shim.cmd" "C:\dir\\"`),
    ],
  ];
  for (const [command, start] of cases) {
    t.strictSame(startOf(command, system), start, command.join(' '));
  }
  const refused: [string[], RegExp][] = [
    [['nothing'], /^no program nothing, neither as a path nor in PATH$/],
    [
      [raw`C:\Program`, raw`Files\mine\agent.exe`, '-x'],
      /a path with blanks needs quotes: "C:\\Program Files\\mine\\agent\.exe"$/,
    ],
    [['agent.py'], /not a program for Windows; .* as in py "agent\.py"$/],
    [['run.ps1'], /as in powershell -NoProfile -File "run\.ps1"$/],
    [['my agent.mjs'], /as in node "my agent\.mjs"$/],
    [['npx', 'a"b'], /is a batch file, and cannot be given "a\\"b"/],
    [['npx', '%PATH%'], /cannot be given "%PATH%": quotes, percent signs/],
    [['npx', 'a\nb'], /cannot be given/],
  ];
  for (const [command, message] of refused) {
    t.throws(() => startOf(command, system), { message }, command.join(' '));
  }
  t.strictSame(
    startOf(['npx', '%a%'], { ...system, platform: 'linux' }),
    plain('npx', '%a%'),
    'elsewhere the system finds it',
  );
  t.end();
});

const skip = process.platform !== 'win32' && 'needs Windows: cmd.exe';

t.test('an agent behind a shim', { skip }, async (t) => {
  const shim = `@"${process.execPath}" "%~dp0agent.mjs" %*\r\n`;
  const begin = 'hello.agent = process.argv.slice(2).join()';
  const folder = t.testdir({
    'a b': { 'agent.mjs': agentScript({ begin }), 'shim.cmd': shim },
  });
  const line = `"${path.join(folder, 'a b', 'shim')}" "c d" e&f C:\\dir\\`;
  const source = childAgent(splitCommandLine(line));
  const { link } = await source.start(60_000);
  t.equal(link.hello.agent, 'c d,e&f,C:\\dir\\');
  await source.stop();
});

t.test('a path with blanks, and programs that cannot be started', async (t) => {
  const folder = t.testdir({
    'a b': { 'agent.mjs': agentScript() },
    'data.txt': 'x',
  });
  const at = (...names: string[]): string => path.join(folder, ...names);
  const line = `"${process.execPath}" "${at('a b', 'agent.mjs')}"`;
  const source = childAgent(splitCommandLine(line));
  const { link } = await source.start(30_000);
  t.equal(link.hello.agent, 'test 1');
  await source.stop();
  const cases: [string, RegExp][] = [
    ['goodbyte-has-no-such-program', /PATH/],
    [at('data.txt'), /name the (?:program|one) that runs it/],
  ];
  for (const [program, message] of cases) {
    await t.rejects(childAgent([program]).start(30_000), { message });
  }
});
