import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from '../../src/index.js';
import type { Work } from '../support/work.js';
import { Burst } from './burst.js';

export async function open(): Promise<Work> {
  const server = createServer((socket) => {
    socket.on('data', (octets: Buffer) => {
      work.received(octets);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1' });
  const work = new Burst((octets) => client.write(octets));
  await once(client, 'connect');
  return work;
}
