import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The reference provider and its host, compiled by zig and run in Wine. */

const root = path.resolve(import.meta.dirname, '../../../..');
const folder = 'dist/conformance/reference-provider/win32-x64';
const home = path.join(root, '.cache', 'wine-reference-provider');
const testHost = `${folder}/test-host.exe`;

const { withFixedAddresses } = (await import(
  pathToFileURL(path.join(root, 'scripts/fixed-addresses.mjs')).href
)) as { withFixedAddresses: (command: string[]) => [string, string[]] };

const onPath = (program: string) =>
  (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .some((place) => existsSync(path.join(place, program)));

/** Why it cannot be run here. */
export function lacking(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return 'needs Linux on x64, to compile and to run it';
  }
  if (!onPath('wine')) return 'there is no Wine: apt-get install wine wine64';
  return existsSync(path.join(root, testHost))
    ? undefined
    : 'npm run build:reference-provider -- --test-host is not done';
}

const environment = {
  ...process.env,
  HOME: home,
  WINEPREFIX: path.join(home, 'prefix'),
  WINEDEBUG: '-all',
};

interface Ended {
  code: number | null;
  output: string;
}

interface Running {
  /**
   * Returns the first group of the first line that matches, after the line at which the
   * previous call stopped.
   */
  line: (pattern: RegExp) => Promise<string>;
  ended: Promise<Ended>;
}

function start(command: string[], env: NodeJS.ProcessEnv): Running {
  const child = spawn(...withFixedAddresses(command), {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let lines = 0;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    output,
  }));
  return {
    ended,
    async line(pattern) {
      for (;;) {
        const whole = output.split(/\r?\n/).slice(0, -1);
        while (lines < whole.length) {
          const found = pattern.exec(whole[lines++]!)?.[1];
          if (found !== undefined) return found;
        }
        const [text] = (await Promise.race([
          once(child.stdout, 'data'),
          once(child, 'close'),
        ])) as [unknown];
        if (typeof text !== 'string') throw new Error(output);
      }
    },
  };
}

/** Prepares Wine. */
export async function prepare(): Promise<void> {
  if (existsSync(path.join(environment.WINEPREFIX, 'system.reg'))) return;
  mkdirSync(home, { recursive: true });
  await start(['wine', 'wineboot', '--init'], environment).ended;
}

/** The DLL of the honest provider, or of a twin. */
export function provider(twin?: string): string {
  return `${folder}/goodbyte-provider${twin ? `-${twin}` : ''}.dll`;
}

/** A layered provider above the honest one. */
export const layer = `${folder}/goodbyte-layer.dll`;

export function startHost(dll: string, args: readonly string[] = []): Running {
  return start(['wine', testHost, dll, ...args], environment);
}

export async function runHost(
  dll: string,
  args: readonly string[] = [],
): Promise<Ended> {
  return await startHost(dll, args).ended;
}
