import { connect, createServer } from 'node:net';
import { halfOpen } from '../support/by-hand.js';
import type { Medium } from '../support/medium.js';
import type { Work } from '../support/work.js';
import { openByHand } from './by-hand.js';

export function open({ place }: Medium, lanes: number): Promise<Work> {
  return openByHand(
    createServer(halfOpen),
    'connection',
    place,
    (at) => () => connect({ ...halfOpen, ...at }),
    lanes,
  );
}
