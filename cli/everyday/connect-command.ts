import { connect } from '../../src/connect.js';
import type { Io } from '../io.js';
import { parseWithFiles, wholeNumber } from '../usage-error.js';
import { endingOf } from './ending.js';
import { exchange } from './exchange.js';
import { idleTimeoutOf } from './idle-timeout.js';
import { Narrator } from './narrator.js';
import { placeOf } from './place.js';
import { callerTls, callerTlsOptions } from './tls.js';

/** `goodbyte connect` */
export async function connectCommand(
  args: readonly string[],
  io: Io,
): Promise<number> {
  const { values, files } = parseWithFiles(args, {
    ...callerTlsOptions,
    'caller-data': { type: 'string' },
    'last-word': { type: 'string' },
    message: { type: 'boolean', default: false },
    timeout: { type: 'string' },
    'idle-timeout': { type: 'string' },
    json: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  });
  const messages = values.message;
  const place = placeOf(files, 'connect');
  const socket = connect({
    ...place,
    tls: callerTls(values, place),
    callerData: values['caller-data'],
    connectTimeout: wholeNumber('timeout', values.timeout, 1),
    idleTimeout: idleTimeoutOf(values),
    socketType: messages ? 'message' : 'stream',
  });
  const narrator = new Narrator(io.stderr, values);
  const ending = endingOf(socket);
  narrator.hear(socket);
  socket.once('connect', () => {
    narrator.say('connected', { calleeData: socket.calleeData });
    exchange(socket, io, { messages, lastWord: values['last-word'] });
  });
  return narrator.end(await ending);
}
