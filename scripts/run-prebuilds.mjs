// Runs those prebuilt addons that this machine can run: the conformance suite has to
// pass on the engine, in one process (some emulators allow no child process).
//
//   node scripts/run-prebuilds.mjs                   on the running Node
//   node scripts/run-prebuilds.mjs 24.21.0 26.10.0   and on these, from npm
//
// On Linux (x64), arm64 runs in qemu, and Windows in Wine with a renamed Node.exe
// (`npm run test:windows` does the rest), each on a Node from npm. A missing
// requirement is reported; with GOODBYTE_FULL it is a failure.

import { spawnSync } from 'node:child_process';
import { existsSync, linkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchNode } from './nodes.mjs';
import { lacksWine, runInWine } from './wine.mjs';

/** The newest whose build for Windows starts in Debian 12's Wine. */
const EMULATED = '22.23.3';
const TIME_LIMIT = 120_000;

// Relative paths are the same in Windows; absolute ones are not.
process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const onPath = (program) =>
  process.env.PATH.split(delimiter).some((folder) =>
    existsSync(join(folder, program)),
  );

const inWine = ({ program, args, env }) =>
  runInWine(program, args, { env, timeLimit: TIME_LIMIT });

const natively = async ({ program, args, env }) =>
  spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: TIME_LIMIT,
  });

/** Not node.exe: the addon must not depend on that name. */
function renamed(program) {
  const other = join(dirname(program), 'other-name.exe');
  if (!existsSync(other)) linkSync(program, other);
  return other;
}

const { platform, arch } = process;
const libc =
  platform !== 'linux' || process.report.getReport().header.glibcVersionRuntime
    ? 'glibc'
    : 'musl';
const suffix = platform === 'linux' ? `.${libc}` : '';
const runs = [
  {
    title: `Node ${process.versions.node}`,
    file: `${platform}-${arch}/goodbyte${suffix}.node`,
    program: () => process.execPath,
    start: natively,
  },
  ...process.argv.slice(2).map((version) => ({
    title: `Node ${version}`,
    file: `${platform}-${arch}/goodbyte${suffix}.node`,
    program: () => fetchNode('.', `${platform}-${arch}`, version),
    start: natively,
  })),
];
if (platform === 'linux' && arch === 'x64') {
  const lacksQemu = () => {
    if (!onPath('qemu-aarch64-static')) {
      return 'needs apt-get install qemu-user-static';
    }
    return existsSync('/usr/lib/aarch64-linux-gnu/libstdc++.so.6')
      ? undefined
      : 'needs apt-get install libc6:arm64 libstdc++6:arm64';
  };
  runs.push(
    {
      title: `Node ${EMULATED} in qemu`,
      file: 'linux-arm64/goodbyte.glibc.node',
      lacks: lacksQemu,
      program: () => fetchNode('.', 'linux-arm64', EMULATED),
      start: ({ program, args, env }) =>
        natively({
          program: 'qemu-aarch64-static',
          args: [program, ...args],
          env,
        }),
    },
    {
      title: `Node ${EMULATED} in Wine, under another name`,
      file: 'win32-x64/goodbyte.node',
      lacks: lacksWine,
      program: () => renamed(fetchNode('.', 'win-x64', EMULATED)),
      start: inWine,
    },
  );
}

// Setup, data and teardown; the tests run the whole suite.
const part = ['eight-steps*', 'conditional-accept*', 'messages*'];
const suite = [
  'dist/cli/main.js',
  'conformance',
  'run',
  '--in-process',
  ...part.flatMap((glob) => ['--scenario', glob]),
];
let lacking = 0;
let failed = 0;
for (const { title, file, lacks, program, start } of runs) {
  const began = Date.now();
  const missing = existsSync(join('prebuilds', file))
    ? lacks?.()
    : 'is not built: npm run prebuild';
  if (missing) {
    lacking += 1;
    process.stdout.write(`not run  ${file}, ${title}: ${missing}\n`);
    continue;
  }
  const { status, stdout, stderr } = await start({
    program: program(),
    args: suite,
    // Only the prebuilt addon may be used.
    env: { PREBUILDS_ONLY: '1', GOODBYTE_TRANSPORT: 'engine' },
  });
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  const verdict = stdout
    .trim()
    .split('\n')
    .at(-1)
    .replace(/ +in .*/, '');
  const passed = status === 0;
  process.stdout.write(
    `${passed ? 'ok     ' : 'FAILED '}  ${file}, ${title}: ` +
      `${verdict}, ${seconds} s\n`,
  );
  if (!passed) {
    failed += 1;
    process.stdout.write(`${stdout}${stderr}ended with ${status}\n`);
  }
}
const all = Boolean(process.env.GOODBYTE_FULL);
process.exitCode = failed > 0 || (all && lacking > 0) ? 1 : 0;
