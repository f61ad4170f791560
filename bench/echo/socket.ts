import { once } from 'node:events';
import { connect, createServer } from '../../src/index.js';
import { listenAt } from '../support/place.js';
import { Reply, type Echo } from './echo.js';

/** goodbyte's Socket and Server. */
export const echo: Echo = {
  async listen(place) {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.on('data', (chunk) => {
        socket.write(chunk);
      });
      socket.on('error', () => {
        socket.destroy();
      });
      socket.on('close', () => {
        connections--;
      });
    });
    return {
      place: await listenAt(server, place),
      get connections() {
        return connections;
      },
    };
  },

  async connect(place) {
    const socket = connect(place);
    await once(socket, 'connect');
    const reply = new Reply();
    socket.on('data', (chunk: Buffer) => {
      reply.take(chunk);
    });
    socket.on('error', (error) => {
      reply.fail(error);
    });
    return {
      echo(octets, done) {
        reply.expect(octets, done);
        socket.write(octets);
      },
      close() {
        socket.destroy();
      },
    };
  },
};
