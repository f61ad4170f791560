import { connect, createServer } from 'node:net';
import type { Medium } from '../support/medium.js';
import { oneConnection } from '../support/one-connection.js';
import type { Work } from '../support/work.js';
import { OneWay } from './one-way.js';

export async function open({ place }: Medium): Promise<Work> {
  return OneWay.over(
    await oneConnection(createServer(), place, (at) =>
      connect({ ...at, noDelay: true }),
    ),
  );
}
