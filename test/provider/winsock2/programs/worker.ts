import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { createServer, type AddressInfo } from '../../../../src/index.js';
import { connect } from '../../../../src/promises.js';

// A worker that ends, by itself or not, with sockets in several states: one
// listens, two are connected, one is deferred, and its caller waits.
const { provider, end } = workerData as {
  provider: string;
  end: 'terminate' | 'exit';
};

const never = () => new Promise<never>(() => {});

async function listen(options: object): Promise<object> {
  const server = createServer({ provider, ...options });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, host: '127.0.0.1', provider };
}

const open = (await listen({})) as { port: number };
const socket = await connect(open);
socket.write('unread');
const undecided = (await listen({ condition: never })) as { port: number };
connect(undecided).catch(() => {});
parentPort!.postMessage('connected', []);
if (end === 'exit') process.exit();
