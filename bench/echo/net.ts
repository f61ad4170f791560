import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { listenAt } from '../support/place.js';
import { Reply, type Echo } from './echo.js';

const noDelay = { noDelay: true };

/** Plain TCP, without words at setup and teardown, and without frames. */
export const echo: Echo = {
  async listen(place) {
    let connections = 0;
    const server = createServer(noDelay, (socket) => {
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
    const socket = connect({ ...noDelay, ...place });
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
