// Runs the prebuilt addons that can be run here: the conformance suite has to
// pass on the engine, in one process. (Where a child process can't be emulated,
// there is but one.)
//
//   node scripts/run-prebuilds.mjs                   on the running Node
//   node scripts/run-prebuilds.mjs 24.21.0 26.10.0   and on these, from npm
//
// On Linux (x64), arm64 runs in qemu and Windows in Wine, each on a Node from
// npm. What is lacking for a run is said; with GOODBYTE_FULL it is a failure.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The newest whose build for Windows starts in Debian 12's Wine. */
const EMULATED = '22.23.3';
const TIME_LIMIT = 120_000;

// Relative paths mean the same to Windows, which has other absolute ones.
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const cache = '.cache';

const onPath = (program) =>
  process.env.PATH.split(delimiter).some((folder) =>
    existsSync(join(folder, program)),
  );

/** Fetches a Node from npm, once; .ci/run has those for Linux there too. */
function fetchNode(system, version) {
  const own = `linux-${process.arch}` === system;
  const folder = join(cache, own ? `node-${version}` : `${system}-${version}`);
  const program = join(
    folder,
    'package/bin',
    system.startsWith('win') ? 'node.exe' : 'node',
  );
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    const printed = execFileSync(
      'npm',
      ['pack', '--silent', `node-${system}@${version}`],
      { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const tarball = printed.trim().split('\n').at(-1);
    execFileSync('tar', ['-xzf', tarball], { cwd: folder });
    rmSync(join(folder, tarball));
  }
  return program;
}

function inWine(work) {
  const home = join(process.cwd(), cache, 'wine');
  const env = { HOME: home, WINEPREFIX: join(home, 'prefix') };
  const wine = (args, stdout, stderr) =>
    spawnSync('wine', args, {
      env: { ...process.env, WINEDEBUG: '-all', ...env, ...work.env },
      stdio: ['ignore', stdout, stderr],
      timeout: TIME_LIMIT,
    });
  mkdirSync(home, { recursive: true });
  // Node writes to no pipe of Unix's in Wine, but to a file it does.
  const names = ['stdout', 'stderr'].map((name) => join(home, name));
  const files = names.map((name) => openSync(name, 'w'));
  if (!existsSync(join(env.WINEPREFIX, 'system.reg'))) {
    // Node refuses an older Windows.
    wine(['winecfg', '-v', 'win10'], ...files);
  }
  const { status } = wine([work.program, ...work.args], ...files);
  for (const file of files) closeSync(file);
  const [stdout, stderr] = names.map((name) => readFileSync(name, 'utf8'));
  return { status, stdout, stderr };
}

const natively = ({ program, args, env }) =>
  spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: TIME_LIMIT,
  });

/** Another name than node.exe: that one is not to be in the addon. */
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
    program: () => fetchNode(`${platform}-${arch}`, version),
    start: natively,
  })),
];
if (platform === 'linux' && arch === 'x64') {
  const lacksQemu = () => {
    if (!onPath('qemu-aarch64-static')) return 'qemu-user-static';
    return existsSync('/usr/lib/aarch64-linux-gnu/libstdc++.so.6')
      ? undefined
      : 'libc6:arm64 libstdc++6:arm64';
  };
  const lacksWine = () => (onPath('wine') ? undefined : 'wine wine64');
  runs.push(
    {
      title: `Node ${EMULATED} in qemu`,
      file: 'linux-arm64/goodbyte.glibc.node',
      lacks: lacksQemu,
      program: () => fetchNode('linux-arm64', EMULATED),
      start: ({ program, args, env }) =>
        natively({
          program: 'qemu-aarch64-static',
          args: [program, ...args],
          env,
        }),
    },
    {
      title: `Node ${EMULATED} in Wine`,
      file: 'win32-x64/goodbyte.node',
      lacks: lacksWine,
      program: () => fetchNode('win-x64', EMULATED),
      start: inWine,
    },
    {
      title: `Node ${EMULATED} in Wine, under another name`,
      file: 'win32-x64/goodbyte.node',
      lacks: lacksWine,
      program: () => renamed(fetchNode('win-x64', EMULATED)),
      start: inWine,
    },
  );
}

const suite = ['dist/src/cli/main.js', 'conformance', 'run', '--in-process'];
let lacking = 0;
let failed = 0;
for (const { title, file, lacks, program, start } of runs) {
  const began = Date.now();
  const missing = existsSync(join('prebuilds', file))
    ? lacks?.() && `needs apt-get install ${lacks()}`
    : 'is not built: npm run prebuild';
  if (missing) {
    lacking += 1;
    process.stdout.write(`not run  ${file}, ${title}: ${missing}\n`);
    continue;
  }
  const { status, stdout, stderr } = start({
    program: program(),
    args: suite,
    // The prebuilt addon, and nothing else in its place.
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
