import { connect, createServer } from '../../src/index.js';
import type { Medium } from '../support/medium.js';
import { oneConnection } from '../support/one-connection.js';
import type { Work } from '../support/work.js';
import { OneWay } from './one-way.js';

export async function open({ place, tls }: Medium): Promise<Work> {
  const server = createServer({ tls: tls?.server });
  return OneWay.over(
    await oneConnection(server, place, async (at) =>
      connect({ ...at, tls: await tls?.client(at) }),
    ),
  );
}
