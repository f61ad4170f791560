// A server that shares its port: as a cluster's worker, or by SO_REUSEPORT. On `close`
// or `drain` it leaves when nobody needs it.
//
//   worker.js PORT [reusePort]
import cluster from 'node:cluster';
import { once } from 'node:events';
import { accept, createServer } from 'goodbyte';

const [port, reusePort] = process.argv.slice(2);

const server = createServer(
  { condition: () => accept({ calleeData: String(process.pid) }) },
  (socket) => {
    let heard = '';
    socket.on('data', (data) => {
      heard += String(data);
    });
    socket.answer = (word) => {
      socket.write(`heard ${heard}`);
      return `answer to ${String(word)}`;
    };
    // A caller that breaks off reports it itself.
    socket.on('error', () => {});
  },
);
server.listen({
  port: Number(port),
  host: '127.0.0.1',
  reusePort: reusePort !== undefined,
});
await once(server, 'listening');
const onparentgone = () => process.exit();
process.once('disconnect', onparentgone);
process.send!((server.address() as { port: number }).port);

const [how] = (await once(process, 'message')) as ['close' | 'drain'];
if (how === 'drain') {
  await server.drain({ data: 'going' });
} else {
  const closed = once(server, 'close');
  server.close();
  await closed;
}
// It ends by itself if nothing is left. A cluster has to agree first: a connection may
// be on its way here, and then goes to another worker.
process.off('disconnect', onparentgone);
if (cluster.worker) cluster.worker.disconnect();
else process.disconnect();
