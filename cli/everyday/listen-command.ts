import { once } from 'node:events';
import { Server } from '../../src/server.js';
import { accept, reject } from '../../src/server/verdict.js';
import type { Socket } from '../../src/socket.js';
import type { Io } from '../io.js';
import { parseWithFiles, UsageError } from '../usage-error.js';
import { endingOf } from './ending.js';
import { exchange } from './exchange.js';
import { idleTimeoutOf } from './idle-timeout.js';
import { Narrator } from './narrator.js';
import { placeOf, toldAddress } from './place.js';
import { calleeTls, calleeTlsOptions } from './tls.js';

/**
 * `goodbyte listen`: serves one connection with stdin and stdout, and ends with
 * it; with `--reject` it refuses everyone, until a signal.
 */
export async function listenCommand(
  args: readonly string[],
  io: Io,
): Promise<number> {
  const { values, files } = parseWithFiles(args, {
    ...calleeTlsOptions,
    answer: { type: 'string' },
    'callee-data': { type: 'string' },
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
  const messages = values.message;
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
      taken = true;
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
  narrator.say('listening', { at: toldAddress(server.address()) });
  const [socket] = (await once(server, 'connection')) as [Socket];
  const ending = endingOf(socket);
  narrator.hear(socket);
  exchange(socket, io, { messages, lastWord: values.answer });
  const code = narrator.end(await ending);
  server.close();
  return code;
}
