// Modules of Node that take milliseconds to load, and that few programs need.

import type { Cluster } from 'node:cluster';
import type * as Tls from 'node:tls';

/** `node:tls`, which loads `node:crypto`. */
export function loadTls(): typeof Tls {
  return process.getBuiltinModule('node:tls');
}

export function loadCluster(): Cluster {
  return process.getBuiltinModule('node:cluster') as unknown as Cluster;
}
