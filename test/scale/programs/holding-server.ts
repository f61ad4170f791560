// Holds its connections: echoes, and at the end says a last word to all.
import { once } from 'node:events';
import { createServer } from 'goodbyte';

const server = createServer({ maxPending: 4096 }, (socket) => {
  socket.on('data', (data) => socket.write(data));
});
server.listen({ port: 0, host: '0.0.0.0', backlog: 4096 });
await once(server, 'listening');
process.once('disconnect', () => process.exit());
process.send!((server.address() as { port: number }).port);

await once(process, 'message');
const held = await new Promise((resolve) => {
  server.getConnections((_error, count) => {
    resolve(count);
  });
});
const { answers: _, ...counts } = await server.drain({ data: 'good night' });
process.send!({ held, ...counts });
