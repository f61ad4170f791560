import { connect, createServer } from 'node:tls';
import { halfOpen } from '../support/by-hand.js';
import { tlsOf, type Medium } from '../support/medium.js';
import type { Work } from '../support/work.js';
import { openByHand } from './by-hand.js';

export function open(medium: Medium, lanes: number): Promise<Work> {
  const tls = tlsOf(medium);
  return openByHand(
    createServer({ ...halfOpen, ...tls.server }),
    'secureConnection',
    medium.place,
    async (at) => {
      const options = { ...halfOpen, ...at, ...(await tls.client(at)) };
      return () => {
        const socket = connect(options);
        return socket.once('secureConnect', () => {
          tls.check(socket);
        });
      };
    },
    lanes,
  );
}
