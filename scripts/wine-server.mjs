// Watches Wine's server: once it has died, programs in Wine wait for ever.
//
// Wine 8's dies now and then. It uses the memory of a pipe that was closed while a
// thread read from it (as gdb shows: it wakes a thread whose read has ended, and with
// it those that wait for the pipe), and Node reads its standard input in this way.

import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

/** Seconds that it waits for the next program before it ends by itself. */
const IDLE = 60;

/** A process that has ended meanwhile, or is another user's, gives nothing. */
function orNothing(read) {
  try {
    return read();
  } catch {
    return '';
  }
}

/**
 * The processes that were started with a variable. If the first thread has ended
 * while others wait, only those have the environment.
 */
function processesWith(variable) {
  const was = (environ) =>
    orNothing(() => readFileSync(environ, 'utf8'))
      .split('\0')
      .includes(variable);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) =>
      [...orNothing(() => readdirSync(`/proc/${pid}/task`))].some((thread) =>
        was(`/proc/${pid}/task/${thread}/environ`),
      ),
    )
    .map(Number);
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/**
 * Starts the server of the prefix in `env`, unless it already runs. Programs that
 * still run when it ends are ended too.
 *
 * @param command of the server
 * @returns `{ ended }`, which becomes true
 */
export function startWineServer(env, [program, ...args] = ['wineserver']) {
  const server = { ended: false };
  // Returns when there is a server.
  spawnSync(program, [...args, `-p${IDLE}`], { env, stdio: 'ignore' });
  const watch = spawn(program, [...args, '-w'], { env, stdio: 'ignore' });
  watch.once('exit', () => {
    server.ended = true;
    for (const pid of processesWith(`WINEPREFIX=${env.WINEPREFIX}`)) kill(pid);
  });
  return server;
}
