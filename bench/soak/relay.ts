// A relay between the two ends of a session: it splits octets into segments of its
// own, and delays them.
import { once } from 'node:events';
import {
  connect,
  createServer,
  type IpcNetConnectOpts,
  type TcpNetConnectOpts,
  type Server,
  type Socket,
} from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { resetTcp } from '../../src/tcp-reset.js';
import { Random } from '../support/random.js';
import { pipePath } from '../support/place.js';
import type { RelayPlan } from './plan.js';

/** Where a session's server, or its relay, listens. */
export type Place =
  Pick<TcpNetConnectOpts, 'port' | 'host'> | Pick<IpcNetConnectOpts, 'path'>;

/** Carries one session at a time. */
export class Relay {
  readonly #server: Server;
  target: Place = { port: 0 };
  plan: RelayPlan = { segment: 65_536, delay: 0 };
  seed = 0;
  /** Octets relayed, over all sessions. */
  carried = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (caller) => {
      this.#carry(caller);
    });
  }

  /** @param local over a Unix socket or named pipe. */
  static async start(local: boolean): Promise<Relay> {
    const server = createServer({
      allowHalfOpen: true,
      noDelay: true,
      highWaterMark: 4096,
    });
    server.listen(
      local ? { path: pipePath() } : { port: 0, host: '127.0.0.1' },
    );
    await once(server, 'listening');
    return new Relay(server);
  }

  get address(): Place {
    const address = this.#server.address()!;
    return typeof address === 'string'
      ? { path: address }
      : { port: address.port, host: address.address };
  }

  stop(): void {
    this.#server.close();
  }

  #carry(caller: Socket): void {
    // A relay has hardly any buffer of its own.
    const options = {
      ...this.target,
      allowHalfOpen: true,
      noDelay: true,
      highWaterMark: 4096,
    };
    const callee = connect(options as TcpNetConnectOpts);
    const { plan, seed } = this;
    const count = (octets: number) => {
      this.carried += octets;
    };
    void pass(caller, callee, plan, new Random(seed), count);
    void pass(callee, caller, plan, new Random(seed + 1), count);
  }
}

/** Takes the next piece when this one has left, so as not to buffer. */
async function pass(
  from: Socket,
  to: Socket,
  { segment, delay }: RelayPlan,
  random: Random,
  count: (octets: number) => void,
): Promise<void> {
  // An error at one end destroys the other.
  from.on('error', () => breakOff(to));
  try {
    for await (const chunk of from.iterator({ destroyOnReturn: false })) {
      const octets = chunk as Buffer;
      for (let at = 0; at < octets.length;) {
        const length = 1 + random.below(segment);
        if (delay > 0 && random.chance(0.05)) await wait(delay);
        const piece = octets.subarray(at, at + length);
        at += length;
        await new Promise<void>((resolve) => {
          to.write(piece, () => resolve());
        });
        count(length);
        if (to.destroyed) return;
      }
    }
    to.end();
  } catch {
    breakOff(to);
  }
}

/** Only TCP has a reset. */
function breakOff(socket: Socket): void {
  if (socket.remotePort === undefined) socket.destroy();
  else resetTcp(socket);
}
