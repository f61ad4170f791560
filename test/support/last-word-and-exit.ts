// A program that only says its last word: the socket is closed in the tick that used it,
// and does not count as work (unref).
import { framedProvider } from '../../src/provider/framed/provider.js';
import { defaultSocketOptions } from '../../src/provider/provider.js';
import { ownerThat } from './owner.js';

const socket = framedProvider.createConnection(defaultSocketOptions);
socket.owner = ownerThat({
  onConnected() {
    socket.unref();
    socket.send(Buffer.alloc(8 * 1024 * 1024));
    socket.sendDisconnect(Buffer.from('from a process at its end'));
    socket.close();
  },
});
socket.connect(
  { port: Number(process.argv[2]), host: '127.0.0.1' },
  { calleeDataLimit: 0 },
);
