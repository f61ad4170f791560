// Runs many sessions through the public API: npm run soak -- --sessions 20000
//
// Slow and paused readers, small buffers, split and delayed segments, each
// order of ending. Counts the sessions that lost something or reported an end
// that did not happen, and gives the seeds that repeat them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { inOwnNetwork } from '../support/network.js';
import { TRANSPORT_VARIABLE } from '../support/transport.js';
import type { Finding } from './judge.js';

export const sessionTransports = [
  'engine',
  'stream',
  'engine,stream',
  'stream,engine',
] as const;
export type SessionTransport = (typeof sessionTransports)[number];

/** The final report of one transport's process. */
export interface SessionCounts {
  transport: string;
  counts: Record<Finding['kind'], number>;
  /** Complaints, how often each occurred, and their first seeds. */
  complaints: [string, { count: number; seeds: number[] }][];
  seconds: number;
}

/** Small system buffers: 8 KiB to send and 8 KiB to receive. */
const inSmallBuffers = inOwnNetwork(
  `echo 4096 4608 8192 >/proc/sys/net/ipv4/tcp_wmem
  echo 4096 4608 8192 >/proc/sys/net/ipv4/tcp_rmem`,
);

/** Common to all sessions. */
export interface SessionTraits {
  readonly smallBuffers: boolean;
  /** Send FIN with the last word. */
  readonly eagerFin: boolean;
}

/** @returns whether nothing was lost or misreported. */
export async function soakSessions(
  sessions: number,
  seed: number,
  transports: readonly SessionTransport[],
  { smallBuffers, eagerFin }: SessionTraits,
): Promise<boolean> {
  let passed = true;
  for (const transport of transports) {
    const [command = process.execPath, ...args] = [
      ...(smallBuffers ? inSmallBuffers : []),
      process.execPath,
      path.join(import.meta.dirname, 'sessions-process.js'),
      String(sessions),
      String(seed),
      ...(eagerFin ? ['eager-fin'] : []),
    ];
    const child = spawn(command, args, {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, [TRANSPORT_VARIABLE]: transport },
    });
    const exit = once(child, 'exit') as Promise<[number | null]>;
    let told: SessionCounts | undefined;
    child.once('message', (message: SessionCounts) => {
      told = message;
    });
    const [code] = await exit;
    if (told) passed = print(told, transport, sessions, eagerFin) && passed;
    if (!told || code !== 0) {
      passed = false;
      console.log(`${transport}: its process ended with ${code}`);
    }
  }
  return passed;
}

function print(
  { counts, complaints, seconds }: SessionCounts,
  transport: string,
  sessions: number,
  eagerFin: boolean,
): boolean {
  const wrong = counts.lost + counts.misreported + counts.hung;
  console.log(
    `sessions: ${sessions}  transport: ${transport}  whole: ${counts.whole}  ` +
      `ended early: ${counts.told}  lost: ${counts.lost}  ` +
      `misreported: ${counts.misreported}  hung: ${counts.hung}  (${seconds.toFixed(1)} s)`,
  );
  for (const [what, { count, seeds }] of complaints) {
    console.log(`  ${count} × ${what}`);
    console.log(
      `      npm run soak -- --sessions 1 --transport ${transport}${eagerFin ? ' --eager-fin' : ''} --seed ${seeds.join(' | ')}`,
    );
  }
  return wrong === 0;
}
