import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { Reply, type Echo } from './echo.js';

const plain = { perMessageDeflate: false };

export const echo: Echo = {
  async listen() {
    const server = new WebSocketServer({
      ...plain,
      host: '127.0.0.1',
      port: 0,
      backlog: 511,
    });
    server.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        socket.send(data);
      });
      socket.on('error', () => {
        socket.terminate();
      });
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return {
      port,
      get connections() {
        return server.clients.size;
      },
    };
  },

  async connect(port) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, plain);
    await once(socket, 'open');
    const reply = new Reply();
    socket.on('message', (data: Buffer) => {
      reply.take(data);
    });
    socket.on('error', (error) => {
      reply.fail(error);
    });
    return {
      echo(octets, done) {
        reply.expect(octets, done);
        socket.send(octets);
      },
      close() {
        socket.terminate();
      },
    };
  },
};
