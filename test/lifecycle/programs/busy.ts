// A process that is busy until a time limit is over, while the octets that it waits for
// arrive in time: the system has them before the limit.
//
//   node busy.js handshake|tls|connect|disconnect|drain|linger
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import {
  Worker,
  isMainThread,
  parentPort,
  workerData,
} from 'node:worker_threads';
import { createServer, type Server, type Socket } from '../../../src/index.js';
import { connect } from '../../../src/promises.js';
import { ALPN_PROTOCOL } from '../../../src/provider/framed/wire.js';
import { clientTls, serverTls } from '../../support/media.js';
import {
  acceptFrame,
  call,
  callerPreface,
  calleePreface,
  connectFrame,
  disconnectFrame,
} from '../../support/wire.js';
import { print } from '../support/exchange.js';

/** A peer's task, in a thread of its own that is not busy. */
interface Peer {
  /** The address that it calls; without one it listens. */
  port?: number | undefined;
  /** Sent when it is connected, or has received something. */
  first: Uint8Array;
  /** Sent on request; `ends`: FIN follows. */
  last: Uint8Array;
  ends: boolean;
  /** It reads only on request, and sends nothing more. */
  waits?: boolean;
  /** It begins TLS on request, and sends the rest after it. */
  isSecured?: boolean;
  gate: Int32Array;
}

const ALPNProtocols = [ALPN_PROTOCOL];

/** Milliseconds of every limit. */
const LIMIT = 1000;
const TOO_LONG = 1.5 * LIMIT;

/** The peer's progress: it has received everything, or has answered. */
const HEARD = 0;
const SENT = 1;

async function work(peer: Peer) {
  const { port, first, last, ends, waits, isSecured, gate } = peer;
  const raise = (what: number) => {
    Atomics.store(gate, what, 1);
    Atomics.notify(gate, what);
  };
  let octets = 0;
  let isTold = false;
  const take = (socket: net.Socket) => {
    socket.on('error', () => {}).on('end', () => socket.end());
    socket.on('data', (data) => {
      octets += data.length;
      raise(HEARD);
      if (port === undefined && octets === data.length) socket.write(first);
      if (waits && !isTold) socket.pause();
    });
    socket.on('close', (hadError) => {
      parentPort!.postMessage({ octets, hadError }, []);
      parentPort!.close();
    });
    parentPort!.once('message', () => {
      isTold = true;
      const told = () => raise(SENT);
      if (waits) {
        socket.once('data', told).resume();
      } else if (ends) {
        socket.write(last);
        socket.end(told);
      } else {
        socket.write(last, told);
      }
    });
  };
  /** TLS's first octets are sent; the rest follows their answer. */
  const secure = (socket: net.Socket) => {
    const secured = tlsConnect({ ...clientTls, socket, ALPNProtocols });
    secured.on('error', () => {}).on('close', () => parentPort!.close());
    secured.write(last);
    const look = () => {
      if (socket.bytesWritten > 0) raise(SENT);
      else setImmediate(look);
    };
    look();
  };
  if (isSecured) {
    const socket = net.connect({ port: port!, host: '127.0.0.1' });
    await once(socket, 'connect');
    parentPort!.once('message', () => secure(socket));
    raise(HEARD);
  } else if (port === undefined) {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      server.close();
      take(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    parentPort!.postMessage((server.address() as AddressInfo).port, []);
  } else {
    const socket = net.connect({ port, host: '127.0.0.1' });
    take(socket);
    await once(socket, 'connect');
    socket.write(first);
  }
}

/** How the connection ended for the peer. */
interface Ending {
  octets: number;
  hadError: boolean;
}

class Thread {
  readonly port: Promise<number>;
  readonly ended: Promise<Ending>;
  readonly #worker: Worker;
  readonly #gate: Int32Array;

  constructor(peer: Omit<Peer, 'gate'>) {
    this.#gate = new Int32Array(new SharedArrayBuffer(8));
    this.#worker = new Worker(new URL(import.meta.url), {
      workerData: { ...peer, gate: this.#gate } satisfies Peer,
    });
    this.port = this.#told((message) => typeof message === 'number');
    this.ended = this.#told((message) => typeof message === 'object');
  }

  #told<T>(isIt: (message: unknown) => boolean): Promise<T> {
    return new Promise((resolve) => {
      this.#worker.on('message', (message: T) => {
        if (isIt(message)) resolve(message);
      });
    });
  }

  async untilHeard(): Promise<void> {
    while (Atomics.load(this.#gate, HEARD) === 0) await nextTurn();
  }

  /** Lets the peer send, and keeps this thread busy until the limit is over. */
  speakWhileBusy(): void {
    const end = performance.now() + TOO_LONG;
    this.#worker.postMessage('go', []);
    Atomics.wait(this.#gate, SENT, 0);
    beBusyUntil(end);
  }
}

/** No event is emitted before that; the processor is left to others. */
function beBusyUntil(end: number): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(never, 0, 0, Math.max(0, end - performance.now()));
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Whether the first caller was accepted, or why not. */
function outcomeOf(server: Server): Promise<string> {
  return Promise.race([
    once(server, 'connection').then(([socket]) => {
      (socket as Socket).resetAndDestroy();
      return 'accepted';
    }),
    once(server, 'handshakeError').then(([error]) => String(error)),
  ]);
}

const cases: Record<string, () => Promise<unknown>> = {
  async handshake() {
    const server = createServer({ handshakeTimeout: LIMIT });
    const outcome = outcomeOf(server);
    const port = await listening(server);
    const thread = new Thread({
      port,
      first: callerPreface,
      last: connectFrame(),
      ends: false,
    });
    // Its preface has been answered: the handshake is under way.
    await thread.untilHeard();
    thread.speakWhileBusy();
    const told = await outcome;
    server.close();
    await thread.ended;
    return told;
  },

  /** TLS's first octets came in time; the rest waits for ours. */
  async tls() {
    const server = createServer({ handshakeTimeout: LIMIT, tls: serverTls });
    const outcome = outcomeOf(server);
    const port = await listening(server);
    const thread = new Thread({
      port,
      first: new Uint8Array(0),
      last: call(),
      ends: false,
      isSecured: true,
    });
    await thread.untilHeard();
    while (server.statistics!.pending === 0) await nextTurn();
    thread.speakWhileBusy();
    const told = await outcome;
    server.close();
    return told;
  },

  async connect() {
    const thread = new Thread({
      first: calleePreface,
      last: acceptFrame(),
      ends: false,
    });
    const port = await thread.port;
    const connecting = connect({
      port,
      host: '127.0.0.1',
      connectTimeout: LIMIT,
    });
    const outcome = connecting.then(
      () => 'connected',
      (error: unknown) => String(error),
    );
    await thread.untilHeard();
    thread.speakWhileBusy();
    const told = await outcome;
    await connecting.then(
      (socket) => socket.resetAndDestroy(),
      () => {},
    );
    await thread.ended;
    return told;
  },

  async disconnect() {
    const thread = new Thread({
      first: Buffer.concat([calleePreface, acceptFrame()]),
      last: disconnectFrame('in time'),
      ends: true,
    });
    const socket = await connect({
      port: await thread.port,
      host: '127.0.0.1',
    });
    const outcome = socket.disconnect('bye', { deadline: LIMIT }).then(
      (answer) => String(answer),
      (error: unknown) => String(error),
    );
    thread.speakWhileBusy();
    return { told: await outcome, hadError: (await thread.ended).hadError };
  },

  async drain() {
    const server = createServer();
    const port = await listening(server);
    const thread = new Thread({
      port,
      first: call(),
      last: disconnectFrame('in time'),
      ends: true,
    });
    const [socket] = (await once(server, 'connection')) as [Socket];
    const drained = server.drain({ data: 'bye', deadline: LIMIT });
    thread.speakWhileBusy();
    const { answers, answered, aborted } = await drained;
    return {
      told: String(answers.get(socket)),
      answered,
      aborted,
      hadError: (await thread.ended).hadError,
    };
  },

  /** The peer takes the system's data, so that more could be sent. */
  async linger() {
    const much = Buffer.alloc(96 * 1024 * 1024);
    const server = createServer({ allowHalfOpen: true, lingerTimeout: LIMIT });
    const port = await listening(server);
    const thread = new Thread({
      port,
      first: Buffer.concat([call(), disconnectFrame()]),
      last: new Uint8Array(0),
      ends: false,
      waits: true,
    });
    const socket = await new Promise<Socket>((resolve) => {
      server.once('connection', (accepted) => {
        accepted.write(much);
        accepted.once('disconnect', () => resolve(accepted)).resume();
      });
    });
    server.close();
    await thread.untilHeard();
    socket.destroy();
    thread.speakWhileBusy();
    // The limit for what follows is the same.
    await nextTurn();
    await nextTurn();
    beBusyUntil(performance.now() + TOO_LONG);
    const { octets, hadError } = await thread.ended;
    return { whole: octets > much.length, hadError };
  },
};

if (isMainThread) print(await cases[process.argv[2]!]!());
else await work(workerData as Peer);
