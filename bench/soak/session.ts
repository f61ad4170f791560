// One session: a caller and a callee of this process, through the public API,
// with or without a relay between them.
import { once } from 'node:events';
import { createServer, type Server, type Socket } from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { judge, type Finding } from './judge.js';
import { pipePath } from '../support/place.js';
import { testCertificate } from '../support/tls.js';
import {
  highWaterMarks,
  isOpening,
  type Plan,
  type SessionMedium,
  type SidePlan,
} from './plan.js';
import { Patience } from './patience.js';
import { Relay, type Place } from './relay.js';
import { Account, runSide } from './side.js';

const media = ['tcp', 'unix', 'tls'] as const;

/** Options of both sides in each session. */
export interface SessionOptions {
  readonly eagerFin: boolean;
}

/** The servers of all sessions: one for each medium and buffer size. */
export class Sessions {
  readonly #servers = new Map<string, Server>();
  /** By the id that callers give. */
  readonly #awaited = new Map<string, (socket: Socket) => void>();
  readonly #relays: Relay[] = [];
  readonly #tls = testCertificate();
  readonly #options: SessionOptions;
  #ids = 0;

  private constructor(options: SessionOptions) {
    this.#options = options;
  }

  static async start(options: SessionOptions): Promise<Sessions> {
    const sessions = new Sessions(options);
    for (const medium of media) {
      for (const mark of highWaterMarks) await sessions.#listen(medium, mark);
    }
    return sessions;
  }

  async #listen(medium: SessionMedium, highWaterMark: number): Promise<void> {
    const server = createServer({
      ...this.#options,
      // TLS octet by octet, beside other sessions, may exceed the usual limit.
      handshakeTimeout: 0,
      ...(highWaterMark ? { highWaterMark } : {}),
      ...(medium === 'tls' ? { tls: this.#tls } : {}),
    });
    server.on('connection', (socket) => {
      this.#awaited.get(String(socket.callerData))!(socket);
    });
    server.listen(
      medium === 'unix' ? { path: pipePath() } : { port: 0, host: '127.0.0.1' },
    );
    await once(server, 'listening');
    this.#servers.set(`${medium} ${highWaterMark}`, server);
  }

  /** Resolves when all servers are closed, and nothing is under way any more. */
  async stop(): Promise<void> {
    for (const relay of this.#relays.splice(0)) relay.stop();
    await Promise.all(
      Array.from(this.#servers.values(), (server) => {
        const closed = once(server, 'close');
        server.close();
        return closed;
      }),
    );
  }

  async run(plan: Plan): Promise<Finding> {
    const caller = new Account();
    const callee = new Account();
    const sockets: Socket[] = [];
    const relay = plan.relay && (await this.#takeRelay(plan));
    let patience: Patience | undefined;
    const late = new Promise<Finding>((resolve) => {
      patience = new Patience(
        () => `${relay?.carried} ${caller.steps} ${callee.steps}`,
        () => {
          for (const socket of sockets) socket.resetAndDestroy();
          resolve({ kind: 'hung', what: progress(caller, callee) });
        },
      );
    });
    try {
      return await Promise.race([
        late,
        this.#run(plan, relay, caller, callee, sockets),
      ]);
    } catch (error) {
      // A relay may lose an acceptance that a reset followed.
      if (callee.mayReset) return { kind: 'told' };
      return { kind: 'lost', what: `connect failed: ${String(error)}` };
    } finally {
      patience?.stop();
      if (relay) this.#relays.push(relay);
    }
  }

  async #takeRelay(plan: Plan): Promise<Relay> {
    const at = this.#relays.findIndex(
      (relay) => 'path' in relay.address === (plan.medium === 'unix'),
    );
    const relay =
      at === -1
        ? await Relay.start(plan.medium === 'unix')
        : this.#relays.splice(at, 1)[0]!;
    relay.target = this.#addressOf(plan);
    relay.plan = plan.relay!;
    relay.seed = plan.seed;
    return relay;
  }

  #addressOf({ medium, serverHighWaterMark }: Plan): Place {
    const server = this.#servers.get(`${medium} ${serverHighWaterMark}`)!;
    const address = server.address()!;
    return typeof address === 'string'
      ? { path: address }
      : { port: address.port, host: address.address };
  }

  async #run(
    plan: Plan,
    relay: Relay | undefined,
    caller: Account,
    callee: Account,
    sockets: Socket[],
  ): Promise<Finding> {
    const id = `session ${this.#ids++}`;
    const calleeDone = new Promise<void>((resolve) => {
      this.#awaited.set(id, (socket) => {
        this.#awaited.delete(id);
        sockets.push(socket);
        socket.allowHalfOpen = isHalfOpen(plan.callee);
        resolve(runSide(socket, plan.callee, callee));
      });
    });
    const socket = await connect({
      ...this.#options,
      ...(relay?.address ?? this.#addressOf(plan)),
      callerData: id,
      allowHalfOpen: isHalfOpen(plan.caller),
      ...(plan.highWaterMark ? { highWaterMark: plan.highWaterMark } : {}),
      ...(plan.medium === 'tls'
        ? { tls: { ca: this.#tls.cert, servername: 'localhost' } }
        : {}),
    });
    sockets.push(socket);
    await Promise.all([runSide(socket, plan.caller, caller), calleeDone]);
    // Lets callbacks and promises of this turn of the loop run.
    await new Promise((resolve) => setImmediate(resolve));
    return judge(caller, callee);
  }
}

/** Keeps the automatic end from coming before the planned one. */
function isHalfOpen(side: SidePlan): boolean {
  return isOpening(side) || side.ending === 'disconnect-later';
}

function progress(caller: Account, callee: Account): string {
  return `caller: ${stateOf(caller, callee)}; callee: ${stateOf(callee, caller)}`;
}

function stateOf(it: Account, other: Account): string {
  const end = it.graceful ? 'the last word' : (it.error?.message ?? 'no end');
  return `${it.octets} of ${other.written} octets, ${end}, ${it.closed ? 'closed' : 'open'}`;
}
