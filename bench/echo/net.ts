import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { Reply, type Echo } from './echo.js';

const noDelay = { noDelay: true };

/** Plain TCP, without words at setup and teardown, and without frames. */
export const echo: Echo = {
  async listen() {
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
    server.listen(0, '127.0.0.1', 511);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return {
      port,
      get connections() {
        return connections;
      },
    };
  },

  async connect(port) {
    const socket = connect({ ...noDelay, port, host: '127.0.0.1' });
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
