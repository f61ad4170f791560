import { loadNative } from '../../native.js';
import type { TransportChoice } from '../provider.js';
import { dial as dialEngine } from './engine/dial.js';
import { theEngineLoop, type EngineLoop } from './engine/loop.js';
import { canDial, canListen } from './engine/scope.js';
import { EngineServer } from './engine/server.js';
import { FramedListener } from './listener.js';
import type { TransportFactory } from './socket.js';
import { takeStream } from './stream/adopt.js';
import { dial as dialStream } from './stream/dial.js';
import { StreamServer } from './stream/server.js';
import { Role } from './wire.js';

let choice: TransportChoice | undefined;

/**
 * What carries frames over TCP and pipes in this process: the engine where the
 * addon loads, unless GOODBYTE_TRANSPORT says `stream`. All else is the stream
 * transport's.
 *
 * @throws {Error} GOODBYTE_TRANSPORT names none, or one that can't be had.
 */
export function transportChoice(): TransportChoice {
  choice ??= choose(process.env['GOODBYTE_TRANSPORT']);
  return choice;
}

function choose(forced: string | undefined): TransportChoice {
  if (forced === 'stream') {
    return { transport: 'stream', reason: 'GOODBYTE_TRANSPORT is "stream"' };
  }
  if (forced && forced !== 'engine') {
    throw new RangeError(
      `GOODBYTE_TRANSPORT is "${forced}"; it can be "engine" or "stream", or be left out`,
    );
  }
  const loaded = loadNative();
  if (loaded.native) {
    return { transport: 'engine', reason: `the addon is ${loaded.path}` };
  }
  if (forced) {
    throw new Error(
      `GOODBYTE_TRANSPORT is "engine", but there is no addon to run it: ${loaded.reason}`,
    );
  }
  return { transport: 'stream', reason: `no addon: ${loaded.reason}` };
}

function engine(): EngineLoop | undefined {
  return transportChoice().transport === 'engine' ? theEngineLoop() : undefined;
}

/** The transports that there are, each where it can serve. */
export const transports: TransportFactory = {
  dial(target, sink, options) {
    const loop = engine();
    return loop && canDial(target)
      ? dialEngine(loop, target, sink, options)
      : dialStream(target, sink, options);
  },
  createListener(socket) {
    return new FramedListener(
      socket,
      transports,
      (target, sink) => {
        const loop = engine();
        return loop && canListen(target)
          ? new EngineServer(loop, sink, socket.transportOptions(Role.caller))
          : new StreamServer(sink, socket.options);
      },
      takeStream,
    );
  },
};
