import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { findPython } from '../support/programs.js';

const module = path.resolve(
  import.meta.dirname,
  '../../../scripts/wine-server.mjs',
);
const python = findPython();
const skip =
  (process.platform !== 'linux' && 'needs Linux: /proc') ||
  (python === undefined && 'there is no python3');

const lasting = [process.execPath, '--eval', 'setInterval(() => {}, 1000)'];
/** A process whose first thread ends, like that of a program in Wine. */
const headless = [
  python ?? 'python3',
  '-c',
  `import ctypes, threading
threading.Thread(target=threading.Event().wait).start()
print(flush=True)
ctypes.CDLL(None).pthread_exit(None)`,
];

/** Wine's program for its server; that is the process in the file `pid`. */
const standIn = `#!/bin/sh
test "$1" = -w || exit 0
while kill -0 "$(cat "$WINEPREFIX/pid")" 2>/dev/null; do sleep 0.1; done
`;

t.test('a process that needs the server ends with it', { skip }, async (t) => {
  const { startWineServer } = (await import(pathToFileURL(module).href)) as {
    startWineServer: (env: NodeJS.ProcessEnv) => { ended: boolean };
  };
  const prefix = t.testdir();
  writeFileSync(path.join(prefix, 'wineserver'), standIn, { mode: 0o755 });
  const env = {
    ...process.env,
    PATH: `${prefix}${path.delimiter}${process.env['PATH']}`,
    WINEPREFIX: prefix,
  };
  const start = ([program, ...args]: string[], WINEPREFIX?: string) => {
    const child = spawn(program!, args, {
      env: { ...env, WINEPREFIX },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    t.teardown(() => child.kill('SIGKILL'));
    return child;
  };
  const serving = start(lasting);
  writeFileSync(path.join(prefix, 'pid'), String(serving.pid));
  const other = start(lasting, `${prefix}-other`);
  const whole = start(lasting, prefix);
  const part = start(headless, prefix);
  const ends = [whole, part].map((child) => once(child, 'exit'));
  await once(part.stdout, 'data');
  const status = `/proc/${part.pid}/stat`;
  while (!readFileSync(status, 'utf8').includes(') Z ')) await nextTurn();

  const server = startWineServer(env);
  t.equal(server.ended, false);
  serving.kill('SIGSEGV');
  for (const end of ends) t.strictSame(await end, [null, 'SIGKILL']);
  t.equal(server.ended, true);
  t.ok(other.kill(0), 'nothing else does');
});
