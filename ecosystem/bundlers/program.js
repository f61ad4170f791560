// The bundled program: a session, and the name of its transport.
import { createServer } from 'goodbyte';
import { connect } from 'goodbyte/promises';

async function say(address) {
  const socket = await connect(address);
  const carrier = socket.stream ? 'stream' : 'engine';
  const answer = await socket.disconnect('goodbye');
  console.log(`${carrier}: ${String(answer)}`);
}

const server = createServer((socket) => {
  socket.answer = (data) => `answer to ${String(data)}`;
  socket.resume();
  server.close();
});
server.listen(0, '127.0.0.1', () => {
  void say(server.address());
});
