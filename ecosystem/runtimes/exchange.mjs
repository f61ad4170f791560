import { createServer } from 'goodbyte';
import { connect, listen } from 'goodbyte/promises';

const server = createServer((socket) => {
  socket.answer = (data) => `answer to ${String(data)}`;
  socket.resume();
  server.close();
});
await listen(server, { port: 0, host: '127.0.0.1' });
const socket = await connect(server.address());
console.log(String(await socket.disconnect('goodbye')));
