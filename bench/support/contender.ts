import type { Transport } from './transport.js';
import type { SteadyWorkName } from './works.js';

export type WorkName =
  SteadyWorkName | 'memory' | 'held' | 'drain' | 'start' | 'import';

/** A program under measurement: one of ours on a transport, or a peer. */
export interface Contender {
  readonly work: WorkName;
  readonly variant: string;
  /** Only ours have a transport. */
  readonly transport?: Transport;
  /** The checkout of another build of goodbyte. */
  readonly build?: string;
}

/** `winsock-engine`, or a peer's name. */
export function nameOf({ variant, transport, build }: Contender): string {
  const name = transport ? `${variant}-${transport}` : variant;
  return build ? `${name} of the other build` : name;
}

export function keyOf(contender: Contender): string {
  return `${contender.work}/${nameOf(contender)}`;
}
