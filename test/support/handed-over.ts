// A process that receives a server of net's, or connections, and speaks goodbyte with
// the callers.
import { Server as NetServer, type Socket as NetSocket } from 'node:net';
import { createServer } from 'goodbyte';

const server = createServer((socket) => {
  socket.answer = (word) => `${process.pid} heard ${String(word)}`;
  socket.resume();
});
process.on('message', (_message, handle?: NetServer | NetSocket) => {
  if (handle instanceof NetServer) {
    server.listen(handle, () => process.send!('ready'));
  } else if (handle) {
    server.adopt(handle);
    process.send!('ready');
  } else {
    server.close();
    // Node 20 is still handling this message.
    setImmediate(() => process.disconnect());
  }
});
