import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from '../../src/index.js';
import { Reply, type Echo } from './echo.js';

/** goodbyte's Socket and Server. */
export const echo: Echo = {
  async listen() {
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
    const socket = connect({ port, host: '127.0.0.1' });
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
