import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';

const module = path.resolve(
  import.meta.dirname,
  '../../../scripts/wine-server.mjs',
);
const skip = process.platform !== 'linux' && 'needs Linux: /proc';

/** Wine's program for its server; that is the process in the file `pid`. */
const standIn = `#!/bin/sh
test "$1" = -w || exit 0
while kill -0 "$(cat "$WINEPREFIX/pid")" 2>/dev/null; do sleep 0.1; done
`;

t.test('what needs the server ends with it', { skip }, async (t) => {
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
  const start = (WINEPREFIX?: string) => {
    const lasting = ['--eval', 'setInterval(() => {}, 1000)'];
    const child = spawn(process.execPath, lasting, {
      env: { ...env, WINEPREFIX },
      stdio: 'ignore',
    });
    t.teardown(() => child.kill('SIGKILL'));
    return child;
  };
  const serving = start();
  writeFileSync(path.join(prefix, 'pid'), String(serving.pid));
  const other = start(`${prefix}-other`);
  const program = start(prefix);
  const exit = once(program, 'exit');

  const server = startWineServer(env);
  t.equal(server.ended, false);
  serving.kill('SIGSEGV');
  t.strictSame(await exit, [null, 'SIGKILL']);
  t.equal(server.ended, true);
  t.ok(other.kill(0), 'nothing else does');
});
