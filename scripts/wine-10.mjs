// Debian 13's Wine 10, in a folder of its own: later versions of Node than 22
// start there, and not in Debian 12's Wine 8.
//
// The folder has what Wine needs of Debian 13, C library included, unpacked and
// not installed. Its /usr is put over this system's in a mount namespace of each
// process that runs there, which is all that such a process sees otherwise than
// others: files, network and processes are the same.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../.cache/wine-10', import.meta.url));
const system = join(folder, 'root');
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Of its dependencies, without those for sound, pictures, displays, devices. */
const packages = [
  'wine64',
  'libwine',
  'libc6',
  'libgcc-s1',
  'libunwind8',
  'liblzma5',
  'libz-mingw-w64',
  // Without fonts each process says so on its stderr; and with FreeType, but
  // not fontconfig, Wine's desktop starts itself without end.
  'libfreetype6',
  'libfontconfig1',
  'libbrotli1',
  'libbz2-1.0',
  'libexpat1',
  'libpng16-16t64',
  'zlib1g',
];

/** What Wine 10 lacks to run here, if anything: `there is no …`. */
export function lacksWine10() {
  if (spawnSync('unshare', ['--mount', 'true']).status !== 0) {
    return 'there is no Wine 10 for others than root';
  }
  return existsSync(system) || existsSync(keyring)
    ? undefined
    : 'there is no Wine 10 without Debian: its keyring is absent';
}

/** Where apt has Debian from. */
function mirror() {
  const sites = execFileSync(
    'apt-get',
    [
      'indextargets',
      '--format',
      '$(SITE)',
      'Created-By: Packages',
      'Label: Debian',
      'Component: main',
    ],
    { encoding: 'utf8' },
  );
  const [site] = sites.split('\n');
  if (!site) throw new Error('apt knows no mirror of Debian: apt-get update');
  return site;
}

/**
 * As libwine's postinst does, which is not run: Wine loads zlib from mingw, and
 * takes it for its own by this mark.
 */
function takeZlib(root) {
  const image = readFileSync(
    join(root, 'usr/x86_64-w64-mingw32/lib/zlib1.dll'),
  );
  image.fill(0, 64, 96);
  image.write('Wine builtin DLL', 64, 'latin1');
  const dlls = 'usr/lib/x86_64-linux-gnu/wine/x86_64-windows';
  writeFileSync(join(root, dlls, 'zlib1.dll'), image);
}

/**
 * Fetches it, once; what else fetches it at the time comes to the same. What
 * apt says is in .cache/wine-10/apt.log.
 */
export function prepareWine10() {
  if (existsSync(system)) return;
  process.stderr.write('fetching Wine 10 (125 MB) …\n');
  const made = `${system}-${process.pid}`;
  const apt = join(made, 'apt');
  mkdirSync(join(apt, 'lists/partial'), { recursive: true });
  mkdirSync(join(apt, 'packages'));
  const log = openSync(join(folder, 'apt.log'), 'a');
  const run = (program, args) =>
    execFileSync(program, args, {
      cwd: join(apt, 'packages'),
      stdio: ['ignore', log, log],
    });
  try {
    writeFileSync(
      join(apt, 'sources.list'),
      `deb [signed-by=${keyring}] ${mirror()} trixie main\n`,
    );
    // Neither what is installed here nor what apt knows of it matters there.
    const settings = [
      `Dir::Etc::SourceList=${apt}/sources.list`,
      'Dir::Etc::SourceParts=-',
      `Dir::State=${apt}`,
      'Dir::State::Status=/dev/null',
      `Dir::Cache=${apt}`,
      'APT::Architectures=amd64',
      'APT::Sandbox::User=root',
      'Acquire::Languages=none',
    ].flatMap((setting) => ['-o', setting]);
    run('apt-get', [...settings, '-q', 'update']);
    run('apt-get', [...settings, '-q', 'download', ...packages]);
    for (const name of readdirSync(join(apt, 'packages'))) {
      run('dpkg-deb', ['--extract', name, made]);
    }
    takeZlib(made);
    rmSync(apt, { recursive: true });
    if (!existsSync(system)) renameSync(made, system);
  } finally {
    closeSync(log);
    rmSync(made, { recursive: true, force: true });
  }
}

/** The command that runs another one there: one of Wine's. */
export function inWine10(command) {
  return [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    'mount --bind "$0/usr" /usr && exec "$@"',
    system,
    ...command,
  ];
}
