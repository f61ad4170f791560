import { connect, createServer } from 'node:net';
import type { Medium } from '../support/medium.js';
import { oneConnection } from '../support/one-connection.js';
import type { Work } from '../support/work.js';
import { Burst } from './burst.js';

export async function open({ place }: Medium): Promise<Work> {
  return Burst.over(
    await oneConnection(createServer(), place, (at) =>
      connect({ ...at, noDelay: true }),
    ),
  );
}
