// Runs Windows' own Node, from npm, under Wine: Debian 12's own, or Debian 13's
// with GOODBYTE_WINE=10 (scripts/wine-10.mjs); with 10-ia32, Node for x86.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withFixedAddresses } from './fixed-addresses.mjs';
import { wine10 } from './wine-10.mjs';
import { startWineServer } from './wine-server.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Debian 13's Wine, in a folder of its own. */
function ofDebian13(name, options) {
  const { lacks, prepare, inside } = wine10(name, options);
  const server = '/usr/lib/wine/wineserver64';
  return {
    lacks,
    prepare,
    wine: '/usr/lib/wine/wine64',
    server,
    command: (command) => withFixedAddresses(inside(command)),
    // There is no display, and no need to mention it. (The server's own command is a
    // script, and that prefix has no shell.)
    env: {
      WINEDLLOVERRIDES: 'winewayland.drv=;winex11.drv=',
      WINESERVER: server,
    },
  };
}

const wines = {
  8: {
    lacks: () =>
      onPath('wine') ? undefined : 'needs Wine: apt-get install wine wine64',
    prepare() {},
    wine: 'wine',
    server: 'wineserver',
    command: withFixedAddresses,
    env: {},
  },
  10: ofDebian13('wine-10'),
  '10-ia32': ofDebian13('wine-10-ia32', { withIa32: true }),
};

/** The version of Wine: 8 or 10, or 10 with ia32 as well. */
export const WINE = process.env.GOODBYTE_WINE ?? '8';
const chosen = wines[WINE];
if (!chosen) {
  throw new RangeError(`GOODBYTE_WINE must be 8, 10 or 10-ia32, not "${WINE}"`);
}
/** The name of Node's package there, and the addon's folder. */
export const [SYSTEM, TARGET] =
  WINE === '10-ia32' ? ['win-x86', 'win32-ia32'] : ['win-x64', 'win32-x64'];

const wineHome = join(root, '.cache', `wine-${WINE}`);
const prefix = join(wineHome, 'prefix');

/** Why Wine cannot run here, if it cannot. */
export function lacksWine() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return 'Wine needs Linux on x64';
  }
  return chosen.lacks();
}

function onPath(program) {
  return process.env.PATH.split(delimiter).some((folder) =>
    existsSync(join(folder, program)),
  );
}

const environment = (folder) => ({
  ...process.env,
  HOME: wineHome,
  WINEPREFIX: folder,
  WINEDEBUG: '-all',
  // node-gyp's build is for Linux here, and would be found first.
  PREBUILDS_ONLY: '1',
  // Tells tests which features are absent.
  GOODBYTE_WINE: WINE,
  ...chosen.env,
});

/**
 * Makes the drive and the registry that Wine needs, if absent. They are made
 * elsewhere and then moved, so that simultaneous calls give the same result.
 */
function prepareWine() {
  chosen.prepare();
  if (existsSync(prefix)) return;
  const folder = `${prefix}-${process.pid}`;
  mkdirSync(folder, { recursive: true });
  const run = (...command) =>
    spawnSync(...chosen.command(command), {
      env: environment(folder),
      stdio: 'ignore',
    });
  // Node refuses to run on an older Windows.
  const { status, error } = run(chosen.wine, 'winecfg', '-v', 'win10');
  run(chosen.server, '-k');
  run(chosen.server, '-w');
  if (status === 0 && !existsSync(prefix)) renameSync(folder, prefix);
  rmSync(folder, { recursive: true, force: true });
  if (!existsSync(prefix)) {
    throw new Error(`Wine could not be set up: winecfg ended with ${status}`, {
      cause: error,
    });
  }
}

/** Starts Wine's server, unless there is one, and watches it. */
export function startServer() {
  prepareWine();
  return startWineServer(
    environment(prefix),
    chosen.command([chosen.server]).flat(),
  );
}

/**
 * Starts a Windows program; `printed()`, called once, returns its output. This goes
 * through unnamed files, since Node cannot write to a Unix pipe there. Wine's first
 * process is the program itself, and the kernel ends it with us, however we end.
 */
export function startInWine(program, args, env = {}) {
  prepareWine();
  const folder = mkdtempSync(join(tmpdir(), 'wine-'));
  const names = ['stdout', 'stderr'].map((name) => join(folder, name));
  const outputs = names.map((name) => openSync(name, 'w'));
  const inputs = names.map((name) => openSync(name));
  rmSync(folder, { recursive: true });
  const command = chosen.command([chosen.wine, program, ...args]).flat();
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], {
    env: { ...environment(prefix), ...env },
    stdio: ['ignore', ...outputs],
  });
  for (const output of outputs) closeSync(output);
  const printed = () => {
    const [stdout, stderr] = inputs.map((file) => readFileSync(file, 'utf8'));
    for (const file of inputs) closeSync(file);
    return { stdout, stderr };
  };
  return { child, printed };
}

/**
 * Runs a Windows program to its end, or for this many milliseconds: then `broken`
 * says so.
 */
export async function runInWine(program, args, { env, timeLimit }) {
  const { child, printed } = startInWine(program, args, env);
  let broken;
  const timer = setTimeout(() => {
    broken = `it did not end within ${timeLimit / 1000} s`;
    child.kill('SIGKILL');
  }, timeLimit);
  const [code, signal] = await once(child, 'exit');
  clearTimeout(timer);
  return { status: code ?? signal, ...printed(), broken };
}
