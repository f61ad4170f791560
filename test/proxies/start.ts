import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';
import type { Box } from './boxes.js';

/** Debian keeps daemons in folders outside a user's PATH. */
const PATH = `${process.env['PATH']}:/usr/sbin`;

/** Whether the box's program is installed. */
export const has = ({ program }: Box): boolean =>
  spawnSync('which', [program], { env: { ...process.env, PATH } }).status === 0;

/**
 * Starts a box in front of a server, until the test is over.
 *
 * @returns the port for its callers, at 127.0.0.1.
 */
export async function start(t: Test, box: Box, to: number): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'goodbyte-proxy-'));
  const from = await freePort();
  const legs = { from, to, folder, spare: await freePort() };
  const [program, ...args] = box.command(legs);
  const child = spawn(program!, args, {
    env: { ...process.env, PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
    // In a process group of its own, since some of these leave children behind.
    detached: true,
  });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => (told += String(text)));
  }
  let ended: string | undefined;
  child.once('close', (code, signal) => {
    ended = `${program} ended (${code ?? signal}): ${told}`;
  });
  t.teardown(async () => {
    if (ended === undefined) {
      const close = once(child, 'close');
      process.kill(-child.pid!, 'SIGKILL');
      await close;
    }
    rmSync(folder, { recursive: true });
  });
  while (!(await answers(from))) {
    if (ended !== undefined) throw new Error(ended);
  }
  return from;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
