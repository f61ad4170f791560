import { connect, createServer } from 'node:tls';
import { oneConnection } from '../support/one-connection.js';
import { tlsOf, type Medium } from '../support/medium.js';
import type { Work } from '../support/work.js';
import { OneWay } from './one-way.js';

export async function open(medium: Medium): Promise<Work> {
  const tls = tlsOf(medium);
  return OneWay.over(
    await oneConnection(
      createServer({ ...tls.server, noDelay: true }),
      medium.place,
      async (at) => {
        const options = { ...(await tls.client(at)), ...at };
        return connect(options).setNoDelay();
      },
      { accepted: 'secureConnection', connected: 'secureConnect' },
    ),
  );
}
