import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** The machine that the figures belong to. */
export interface Machine {
  node: string;
  platform: string;
  cpu: string;
  cores: number;
  memoryGiB: number;
  /** TCP's buffers for each connection; only Linux reports them. */
  congestionControl: string | null;
  date: string;
}

export function describeMachine(): Machine {
  const cores = cpus();
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    congestionControl: congestionControl(),
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
