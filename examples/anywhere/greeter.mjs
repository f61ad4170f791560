// A server and a client in one program that runs as it stands in Node, in Bun and
// in Deno, in a folder where the package is installed:
//
//   node greeter.mjs
//   bun greeter.mjs
//   deno run --allow-net greeter.mjs
//
// In Bun and Deno, which load no addons on libuv, Node's streams carry it.
import { accept, createServer, reject } from 'goodbyte';
import { connect, listen } from 'goodbyte/promises';

const server = createServer(
  {
    condition: ({ callerData }) =>
      callerData
        ? accept({ calleeData: `hello, ${String(callerData)}` })
        : reject('who are you?'),
  },
  (socket) => {
    socket.answer = (word) => `you said ${String(word)}`;
    socket.pipe(socket);
  },
);
await listen(server, { port: 0, host: '127.0.0.1' });
const { port } = server.address();

try {
  await connect({ port, host: '127.0.0.1' });
} catch (error) {
  console.log(`refused: ${String(error.rejectData)}`);
}

const socket = await connect({ port, host: '127.0.0.1', callerData: 'bea' });
console.log(String(socket.calleeData));
socket.on('data', (data) => console.log(`echoed: ${String(data)}`));
socket.write('some data');
const answer = await socket.disconnect('goodbye');
console.log(`answered: ${String(answer)}`);

await server.drain({ data: 'closing', deadline: 5000 });
