import { TLSSocket } from 'node:tls';
import { connect } from '../../src/connect.js';
import type { Socket } from '../../src/socket.js';
import type { Io } from '../io.js';
import { parseWithFiles, wholeNumber } from '../usage-error.js';
import { endingOf, endings } from './ending.js';
import { Narrator } from './narrator.js';
import { placeOf } from './place.js';
import { callerTls, callerTlsOptions } from './tls.js';

/** The only version of the wire format, which every connection speaks. */
const PROTOCOL = 'goodbyte/1';

/** Octets of the longest possible last word. */
const LONGEST = 0xffff;

/**
 * `goodbyte probe`: connects, says goodbye, and prints the results. Its exit
 * code is for health checks.
 */
export async function probeCommand(
  args: readonly string[],
  io: Io,
): Promise<number> {
  const { values, files } = parseWithFiles(args, {
    ...callerTlsOptions,
    'caller-data': { type: 'string' },
    message: { type: 'boolean', default: false },
    timeout: { type: 'string' },
    json: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  });
  const place = placeOf(files, 'probe');
  const timeout = wholeNumber('timeout', values.timeout, 1) ?? 5000;
  const narrator = new Narrator(io.stdout, values);
  const began = performance.now();
  const socket = connect({
    ...place,
    tls: callerTls(values, place),
    callerData: values['caller-data'],
    connectTimeout: timeout,
    socketType: values.message ? 'message' : 'stream',
  });
  const ending = endingOf(socket);
  let late: Error | undefined;
  const sayGoodbye = async () => {
    const asked = performance.now();
    try {
      await socket.disconnect(undefined, { deadline: timeout });
      narrator.say('answered', { milliseconds: since(asked) });
    } catch (error) {
      late = error as Error;
    }
  };
  socket.once('connect', () => {
    narrator.say('connected', {
      milliseconds: since(began),
      calleeData: socket.calleeData,
      protocol: PROTOCOL,
      lastWordLimit: lastWordLimit(socket),
      tls: tlsOf(socket),
    });
    void sayGoodbye();
  });
  const { error, ...rest } = await ending;
  if (error || !late) return narrator.end({ error, ...rest });
  narrator.say('timed out', { error: late.message });
  return endings['timed out'];
}

const since = (moment: number): number =>
  Math.round((performance.now() - moment) * 10) / 10;

/** By bisection: a socket only says whether a length fits. */
function lastWordLimit(socket: Socket): number {
  let least = 0;
  let most = LONGEST;
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (socket.takesLastWord(middle)) least = middle;
    else most = middle - 1;
  }
  return least;
}

function tlsOf({ stream }: Socket): string | undefined {
  if (!(stream instanceof TLSSocket)) return undefined;
  const { valid_to: until } = stream.getPeerCertificate();
  return `${stream.getProtocol()}, certificate until ${until}`;
}
