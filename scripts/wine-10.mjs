// Debian 13's Wine 10, in a folder of its own: versions of Node after 22 start there,
// but not in Debian 12's Wine 8.
//
// The folder has the packages of Debian 13 that Wine needs, C library included,
// unpacked but not installed. Its /usr is mounted over this system's in a namespace
// of each process that runs there. Such a process differs from others in nothing
// else: files, network and processes are the same.

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

const cache = fileURLToPath(new URL('../.cache', import.meta.url));
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * The packages for each processor, besides Wine's own: its dependencies without those
 * for sound, pictures, displays and devices.
 */
const libraries = [
  'libwine',
  'libc6',
  'libgcc-s1',
  'libunwind8',
  'liblzma5',
  // Without fonts each process complains on stderr; and with FreeType, but without
  // fontconfig, Wine's desktop restarts itself without end.
  'libfreetype6',
  'libfontconfig1',
  'libbrotli1',
  'libbz2-1.0',
  'libexpat1',
  'libpng16-16t64',
  'zlib1g',
];

/** The mirror of Debian that apt uses. */
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
 * Does what libwine's postinst, which is not run, would do: Wine loads zlib from
 * mingw, and takes it for its own by this mark.
 */
function takeZlib(root, from, to) {
  const image = readFileSync(
    join(root, `usr/${from}-w64-mingw32/lib/zlib1.dll`),
  );
  image.fill(0, 64, 96);
  image.write('Wine builtin DLL', 64, 'latin1');
  writeFileSync(join(root, 'usr/lib', to, 'zlib1.dll'), image);
}

/** Fetches packages and unpacks them into a folder. */
function unpack(root, packages, architectures, log) {
  const apt = join(root, 'apt');
  const archives = join(apt, 'packages');
  mkdirSync(join(apt, 'lists/partial'), { recursive: true });
  mkdirSync(archives);
  const run = (program, args) =>
    execFileSync(program, args, {
      cwd: archives,
      stdio: ['ignore', log, log],
    });
  writeFileSync(
    join(apt, 'sources.list'),
    `deb [signed-by=${keyring}] ${mirror()} trixie main\n`,
  );
  // Neither this system's packages nor apt's state matter there.
  const settings = [
    `Dir::Etc::SourceList=${apt}/sources.list`,
    'Dir::Etc::SourceParts=-',
    `Dir::State=${apt}`,
    'Dir::State::Status=/dev/null',
    `Dir::Cache=${apt}`,
    `APT::Architectures=${architectures}`,
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
  ].flatMap((setting) => ['-o', setting]);
  run('apt-get', [...settings, '-q', 'update']);
  run('apt-get', [...settings, '-q', 'download', ...packages]);
  for (const name of readdirSync(archives)) {
    run('dpkg-deb', ['--extract', name, root]);
  }
  rmSync(apt, { recursive: true });
}

/**
 * Wine 10 in a folder of .cache, for Windows on x64; with `withIa32` on ia32 too,
 * which doubles its size.
 */
export function wine10(name, { withIa32 = false } = {}) {
  const folder = join(cache, name);
  const system = join(folder, 'root');
  return {
    /** Why it cannot run here, if it cannot. */
    lacks: () => {
      if (spawnSync('unshare', ['--mount', 'true']).status !== 0) {
        return 'needs root, for Wine 10';
      }
      return existsSync(system) || existsSync(keyring)
        ? undefined
        : 'needs Debian, for Wine 10: its keyring is missing';
    },

    /**
     * Fetches it, once; simultaneous fetches give the same result. apt's output is in
     * apt.log there.
     */
    prepare: () => {
      if (existsSync(system)) return;
      process.stderr.write(`fetching Wine 10 (${withIa32 ? 230 : 125} MB) …\n`);
      const made = `${system}-${process.pid}`;
      mkdirSync(made, { recursive: true });
      const log = openSync(join(folder, 'apt.log'), 'a');
      const packages = ['wine64', 'libz-mingw-w64', ...libraries];
      if (withIa32) {
        packages.push(...['wine32', ...libraries].map((one) => `${one}:i386`));
      }
      try {
        unpack(made, packages, withIa32 ? 'amd64,i386' : 'amd64', log);
        takeZlib(made, 'x86_64', 'x86_64-linux-gnu/wine/x86_64-windows');
        if (withIa32) {
          takeZlib(made, 'i686', 'i386-linux-gnu/wine/i386-windows');
        }
        if (!existsSync(system)) renameSync(made, system);
      } finally {
        closeSync(log);
        rmSync(made, { recursive: true, force: true });
      }
    },

    /** Returns the command that runs one of Wine's there. */
    inside: (command) => [
      'unshare',
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      'mount --bind "$0/usr" /usr && exec "$@"',
      system,
      ...command,
    ],
  };
}
