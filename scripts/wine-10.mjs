// Debian 13's Wine 10, in a folder of its own: later versions of Node than 22
// start there, and not in Debian 12's Wine 8.
//
// The folder is a small Debian 13. Its /usr is put over this system's in a
// mount namespace of each process that runs there, which is all that such a
// process sees otherwise than others: files, network and processes are the same.

import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../.cache/wine-10', import.meta.url));
const system = join(folder, 'root');

/** What Wine 10 lacks to run here, if anything: `there is no …`. */
export function lacksWine10() {
  // For mount(8) in a namespace, and for debootstrap.
  if (process.getuid() !== 0) return 'there is no Wine 10 for others than root';
  if (existsSync(system)) return undefined;
  return process.env.PATH.split(delimiter).some((path) =>
    existsSync(join(path, 'debootstrap')),
  )
    ? undefined
    : 'there is no Wine 10: apt-get install debootstrap';
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
 * Fetches it, once; what else fetches it at the time comes to the same. Its
 * output is in .cache/wine-10/debootstrap.log.
 */
export function prepareWine10() {
  if (existsSync(system)) return;
  process.stderr.write('fetching Wine 10 (1.4 GB) …\n');
  const made = `${system}-${process.pid}`;
  mkdirSync(made, { recursive: true });
  const log = openSync(join(folder, 'debootstrap.log'), 'a');
  try {
    execFileSync(
      'debootstrap',
      [
        '--variant=minbase',
        '--include=wine64,ca-certificates',
        'trixie',
        made,
        mirror(),
      ],
      { stdio: ['ignore', log, log] },
    );
    rmSync(join(made, 'var/cache/apt/archives'), { recursive: true });
    if (!existsSync(system)) renameSync(made, system);
  } finally {
    closeSync(log);
    rmSync(made, { recursive: true, force: true });
  }
}

const OVER_USR = `
mount --bind "$0/usr" /usr &&
mount --bind "$0/etc/ld.so.cache" /etc/ld.so.cache &&
exec "$@"`;

/** The command that runs another one there. */
export function inWine10(command) {
  return [
    'unshare',
    [
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      OVER_USR,
      system,
    ].concat(command),
  ];
}
