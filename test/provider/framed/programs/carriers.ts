// Reports the carrier of a connection's frames, at both ends, for each medium named in
// the arguments: a stream has one to show, the engine has none.
import { spawn } from 'node:child_process';
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import net from 'node:net';
import type { Stream } from 'node:stream';
import { createServer, type Server, type Socket } from 'goodbyte';
import { connect } from 'goodbyte/promises';
import { duplexPair } from '../../../support/duplex-pair.js';
import { clientTls, freePipePath, serverTls } from '../../../support/places.js';

type Carrier = 'engine' | 'stream';
interface Carriers {
  caller?: Carrier;
  callee: Carrier;
}

const [exec, first, ...rest] = process.argv.slice(1);
const host = '127.0.0.1';

const carrierOf = ({ stream }: Socket): Carrier =>
  stream ? 'stream' : 'engine';

/** Calls a listening server, then closes it. */
async function carriers(
  server: Server,
  call: () => Promise<Socket>,
): Promise<Carriers> {
  const [caller, [callee]] = await Promise.all([
    call(),
    once(server, 'connection') as Promise<[Socket]>,
  ]);
  const found = { caller: carrierOf(caller), callee: carrierOf(callee) };
  caller.destroy();
  callee.destroy();
  server.close();
  return found;
}

async function listening(server: Server, where: object): Promise<number> {
  server.listen(where);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' ? address!.port : 0;
}

/** The carriers of a cluster's worker, which makes no calls itself. */
async function inWorker(...listenOptions: string[]): Promise<Carriers> {
  cluster.setupPrimary({ exec: exec!, args: ['worker', ...listenOptions] });
  const worker: Worker = cluster.fork();
  const [port] = (await once(worker, 'message')) as [number];
  const told = once(worker, 'message');
  const caller = await connect({ port, host });
  const [{ callee }] = (await told) as [Carriers];
  caller.destroy();
  worker.disconnect();
  return { callee };
}

async function bind(): Promise<net.Server> {
  const bound = net.createServer().listen(0, host);
  await once(bound, 'listening');
  return bound;
}

/** A child's descriptor, which Node's types lack. */
function handleOf(server: net.Server): Stream {
  return Reflect.get(server, '_handle') as Stream;
}

async function listenAtDescriptor(fd: number): Promise<void> {
  const server = createServer();
  server.once('connection', (callee: Socket) => {
    server.close();
    process.stdout.write(JSON.stringify({ callee: carrierOf(callee) }));
  });
  await listening(server, { fd });
}

async function beWorker(listenOptions: string[]): Promise<void> {
  const server = createServer();
  const options = Object.fromEntries(listenOptions.map((one) => [one, true]));
  const port = await listening(server, { port: 0, host, ...options });
  server.once('connection', (callee: Socket) => {
    server.close();
    process.send!({ callee: carrierOf(callee) });
  });
  process.send!(port);
}

const media: Record<string, () => Promise<Carriers>> = {
  async tcp() {
    const server = createServer();
    const port = await listening(server, { port: 0, host });
    return carriers(server, () => connect({ port, host }));
  },
  async pipe() {
    const server = createServer();
    const path = freePipePath();
    await listening(server, { path });
    return carriers(server, () => connect({ path }));
  },
  async tls() {
    const server = createServer({ tls: serverTls });
    const port = await listening(server, { port: 0, host });
    return carriers(server, () => connect({ port, host, tls: clientTls }));
  },
  async duplex() {
    const [here, there] = duplexPair();
    const server = createServer();
    server.adopt(there);
    return carriers(server, () => connect({ stream: here }));
  },
  /** A listening server of Node's. */
  async handle() {
    const bound = await bind();
    const server = createServer();
    const port = await listening(server, bound);
    return carriers(server, () => connect({ port, host }));
  },
  /** A descriptor that another process has bound. */
  async descriptor() {
    const bound = await bind();
    const { port } = bound.address() as net.AddressInfo;
    const child = spawn(process.execPath, [exec!, 'descriptor-3'], {
      stdio: ['ignore', 'pipe', 'inherit', handleOf(bound)],
    });
    bound.close();
    const caller = await connect({ port, host });
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    caller.destroy();
    return JSON.parse(String(line)) as Carriers;
  },
  worker: () => inWorker(),
  exclusiveWorker: () => inWorker('exclusive'),
  sharingWorker: () => inWorker('reusePort'),
};

if (first === 'worker') {
  await beWorker(rest);
} else if (first === 'descriptor-3') {
  await listenAtDescriptor(3);
} else {
  const found: Record<string, Carriers> = {};
  for (const name of [first!, ...rest]) found[name] = await media[name]!();
  process.stdout.write(`${JSON.stringify(found)}\n`);
}
