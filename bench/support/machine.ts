import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Network } from './network.js';

/** The machine that the figures belong to. */
export interface Machine {
  node: string;
  platform: string;
  cpu: string;
  cores: number;
  memoryGiB: number;
  /** TCP's congestion control; only Linux reports it. */
  congestionControl: string | null;
  /** The same in the rows of one connection, which may have a network of their own. */
  flows: string | null;
  date: string;
}

export function describeMachine(network: Network | undefined): Machine {
  const cores = cpus();
  const systems = congestionControl();
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    congestionControl: systems,
    flows: network?.congestionControl ?? systems,
    date: new Date().toISOString().slice(0, 10),
  };
}

function congestionControl(): string | null {
  try {
    const path = '/proc/sys/net/ipv4/tcp_congestion_control';
    return readFileSync(path, 'latin1').trim();
  } catch {
    return null;
  }
}
