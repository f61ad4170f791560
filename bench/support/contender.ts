import type { Transport } from './transport.js';

export type WorkName =
  'exchange' | 'echo' | 'one-way' | 'memory' | 'held' | 'start';

/** A program under measurement: one of ours on a transport, or a peer. */
export interface Contender {
  readonly work: WorkName;
  readonly variant: string;
  /** Only ours have one. */
  readonly transport?: Transport;
}

/** `winsock-engine`, or a peer's name. */
export function nameOf({ variant, transport }: Contender): string {
  return transport ? `${variant}-${transport}` : variant;
}

export function keyOf(contender: Contender): string {
  return `${contender.work}/${nameOf(contender)}`;
}
