import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Child } from '../support/child.js';
import type { Contender } from '../support/contender.js';
import type { Figures } from '../support/outcome.js';
import { library, programOf } from '../support/program.js';
import { medianOf } from '../support/statistics.js';
import { TRANSPORT_VARIABLE } from '../support/transport.js';

/** Starts of the program for one figure. */
const TIMES = 11;

/** A server's program that ends with its first connection, which it makes itself. */
const untilConnected = (module: string) => `
  import { writeSync } from 'node:fs';
  import { connect, createServer } from ${JSON.stringify(module)};
  const server = createServer(() => {
    writeSync(1, 'connected');
    process.exit();
  });
  server.listen(0, '127.0.0.1', () => {
    connect(server.address().port, '127.0.0.1');
  });`;

/** The milliseconds from the start of a program until its first connection is accepted. */
export async function measureStart({
  variant,
  transport,
}: Contender): Promise<Figures> {
  if (transport) {
    // Throws if it is not available.
    const child = await Child.start(
      'start/transport-process.js',
      [],
      transport,
    );
    child.stop();
  }
  const program = untilConnected(variant === 'net' ? 'node:net' : library);
  const env = { ...process.env, [TRANSPORT_VARIABLE]: transport };
  await start(program, env);
  const times: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    times.push(await start(program, env));
  }
  return { wall: medianOf(times) };
}

async function start(program: string, env: NodeJS.ProcessEnv): Promise<number> {
  const before = performance.now();
  const child = spawn(process.execPath, programOf(program), {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  let connected: number | undefined;
  child.stdout.once('data', () => {
    connected = performance.now();
  });
  await ended;
  if (connected === undefined) throw new Error('it ended without a connection');
  return connected - before;
}
