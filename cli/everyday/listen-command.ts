import { once } from 'node:events';
import { Server } from '../../src/server.js';
import { accept, reject } from '../../src/server/verdict.js';
import type { Socket } from '../../src/socket.js';
import type { Io } from '../io.js';
import { parseWithFiles, UsageError } from '../usage-error.js';
import { aSignal, beforeSignal } from './a-signal.js';
import { endingOf, endings } from './ending.js';
import { exchange } from './exchange.js';
import { execute } from './execute.js';
import { idleTimeoutOf } from './idle-timeout.js';
import { Narrator } from './narrator.js';
import { placeOf, toldAddress } from './place.js';
import { calleeTls, calleeTlsOptions } from './tls.js';

/** Milliseconds for callers served by a command, after a signal. */
const DEADLINE = 10_000;

/**
 * `goodbyte listen`: serves one connection with stdin and stdout, and ends with
 * it; with `--exec` it serves each with a command, and with `--reject` it refuses
 * everyone, until a signal.
 */
export async function listenCommand(
  args: readonly string[],
  io: Io,
): Promise<number> {
  const { values, files } = parseWithFiles(args, {
    ...calleeTlsOptions,
    answer: { type: 'string' },
    'callee-data': { type: 'string' },
    exec: { type: 'string' },
    'idle-timeout': { type: 'string' },
    reject: { type: 'string' },
    message: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  });
  if (values.reject !== undefined && values['callee-data'] !== undefined) {
    throw new UsageError(
      '--callee-data goes with accepting, not with --reject',
    );
  }
  const { exec, answer, message: messages } = values;
  if (exec !== undefined && (values.reject !== undefined || messages)) {
    throw new UsageError('--exec goes without --reject and --message');
  }
  const narrator = new Narrator(io.stderr, values);
  let taken = values.reject !== undefined;
  const server = new Server({
    tls: calleeTls(values),
    idleTimeout: idleTimeoutOf(values),
    socketType: messages ? 'message' : 'stream',
    condition({ callerData, callerId }) {
      narrator.say(taken ? 'refused a caller' : 'a caller', {
        from: toldAddress(callerId),
        callerData,
      });
      if (taken) return reject(values.reject ?? 'busy');
      taken = exec === undefined;
      return accept({ calleeData: values['callee-data'] });
    },
  });
  server.on('handshakeError', (error) => {
    narrator.say('a handshake failed', { error: error.message });
  });
  const place = placeOf(files, 'listen');
  try {
    await once(server.listen(place), 'listening');
  } catch (error) {
    return narrator.end({ how: 'failed', error: error as Error });
  }
  const untilSignal = exec !== undefined || values.reject !== undefined;
  const signal = untilSignal ? aSignal() : undefined;
  // Closing deletes the file of a Unix socket.
  const forget = signal ? undefined : beforeSignal(() => server.close());
  if (exec !== undefined) {
    server.on('connection', (socket) => {
      void execute(socket, exec, answer).then((ending) => narrator.end(ending));
    });
  }
  narrator.say('listening', { at: toldAddress(server.address()) });
  if (signal) {
    narrator.say('stopping', { signal: await signal });
    await server.drain({ data: answer, deadline: DEADLINE });
    return endings.goodbye;
  }
  const [socket] = (await once(server, 'connection')) as [Socket];
  const ending = endingOf(socket);
  narrator.hear(socket);
  exchange(socket, io, { messages, lastWord: answer });
  const code = narrator.end(await ending);
  server.close();
  forget?.();
  return code;
}
