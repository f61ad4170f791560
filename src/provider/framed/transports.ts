import { loadNative } from '../../native.js';
import { environmentVariable } from '../../runtime.js';
import { WSAEACCES, WSAENAMETOOLONG } from '../../vocabulary/error-codes.js';
import type { Failure, TransportChoice, TransportName } from '../provider.js';
import { dial as dialEngine } from './engine/dial.js';
import { theEngineLoop, type EngineLoop } from './engine/loop.js';
import { canDial, canListen } from './engine/scope.js';
import { EngineServer } from './engine/server.js';
import type { ListenerTransports, TransportServer } from './listener.js';
import { Adopter } from './stream/adopt.js';
import { networkDenial } from './permission.js';
import { dial as dialStream, dialBroken } from './stream/dial.js';
import { pathErrorOf } from './stream/path-length.js';
import { StreamServer } from './stream/server.js';
import { transportOptions } from './transport-options.js';
import { Role } from './wire.js';

let choice: TransportChoice | undefined;

/**
 * The transport for TCP and pipes in this process: the engine where the addon
 * loads, unless GOODBYTE_TRANSPORT says otherwise. The stream transport serves
 * all other media.
 *
 * @throws {RangeError} GOODBYTE_TRANSPORT is not `engine` or `stream`, or the
 *  two with a comma between: the one to connect with, the one to listen with.
 * @throws {Error} it names the engine, and the addon is missing.
 */
export function transportChoice(): TransportChoice {
  choice ??= choose(environmentVariable('GOODBYTE_TRANSPORT'));
  return choice;
}

function choose(forced: string | undefined): TransportChoice {
  if (!forced) return chooseByAddon();
  const [connecting = '', listening = connecting, ...more] = forced.split(',');
  if (!isTransport(connecting) || !isTransport(listening) || more.length > 0) {
    throw new RangeError(
      `GOODBYTE_TRANSPORT is "${forced}"; it can be "engine" or "stream", or be left out`,
    );
  }
  const { transport, reason } = chooseByAddon();
  const wantsEngine = connecting === 'engine' || listening === 'engine';
  if (wantsEngine && transport !== 'engine') {
    throw new Error(
      `GOODBYTE_TRANSPORT is "${forced}", but the engine is not available: ${reason}`,
    );
  }
  return {
    transport: connecting,
    listening,
    reason: `GOODBYTE_TRANSPORT is "${forced}"${wantsEngine ? `, ${reason}` : ''}`,
  };
}

function chooseByAddon(): TransportChoice {
  const loaded = loadNative();
  const transport = loaded.native ? 'engine' : 'stream';
  return {
    transport,
    listening: transport,
    reason: loaded.native
      ? `the addon is ${loaded.path}`
      : `no addon: ${loaded.reason}`,
  };
}

function isTransport(name: string): name is TransportName {
  return name === 'engine' || name === 'stream';
}

function engineFor(use: 'transport' | 'listening'): EngineLoop | undefined {
  return transportChoice()[use] === 'engine' ? theEngineLoop() : undefined;
}

/** Does not listen. */
class DeniedServer implements TransportServer {
  readonly #failure: Failure;
  readonly address = undefined;

  constructor(failure: Failure) {
    this.#failure = failure;
  }

  listen(_target: unknown, done: (failure: Failure) => void): void {
    process.nextTick(done, this.#failure);
  }

  close(): void {}
  ref(): void {}
  unref(): void {}
}

/** The available transports, each where it can serve. */
export const transports: ListenerTransports = {
  dial(target, sink, options) {
    const denial =
      'stream' in target
        ? undefined
        : (networkDenial() ?? pathErrorOf(target, 'connect'));
    if (denial) return dialBroken(denial, sink, options);
    const loop = engineFor('transport');
    return loop && canDial(target)
      ? dialEngine(loop, target, sink, options)
      : dialStream(target, sink, options);
  },
  createServer(target, sink, options) {
    const cause = networkDenial();
    if (cause) return new DeniedServer({ status: WSAEACCES, cause });
    const tooLong = pathErrorOf(target, 'listen');
    if (tooLong) {
      return new DeniedServer({ status: WSAENAMETOOLONG, cause: tooLong });
    }
    const loop = engineFor('listening');
    return loop && canListen(target, options.plainAfter)
      ? new EngineServer(loop, sink, transportOptions(options, Role.caller))
      : new StreamServer(sink, options);
  },
  createAdopter: (sink, options, tls) => new Adopter(sink, options, tls),
};
