// A program whose only work is a connection that it does not read, or reads late, as
// `argv[3]` says.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect, type Socket } from 'goodbyte';

const ways: Record<string, (socket: Socket) => unknown> = {
  paused() {},
  async written(socket) {
    await new Promise((done) => socket.write('x', done));
    process.stdout.write('written\n');
  },
  async disconnected(socket) {
    process.stdout.write(`${String(await socket.disconnect('bye'))}\n`);
  },
  async resumed(socket) {
    await nextTurn();
    for await (const chunk of socket)
      process.stdout.write(`${(chunk as Buffer).length}\n`);
  },
  full(socket) {
    socket.once('data', () => socket.pause());
    socket.resume();
  },
  destroyed(socket) {
    socket.destroy();
  },
};

const socket = connect({
  port: Number(process.argv[2]),
  host: '127.0.0.1',
  lingerTimeout: 60_000,
}).pause();
socket.on('connect', () => void ways[process.argv[3]!]!(socket));
