import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { connect } from '../../src/connect.js';
import type { WinsockError } from '../../src/errors.js';
import type { VerdictMessage } from '../../src/messages.js';
import { Server } from '../../src/server.js';
import type { ConditionRequest } from '../../src/server/condition.js';
import { accept, reject, type Decision } from '../../src/server/verdict.js';
import type { Socket } from '../../src/socket.js';
import { resetTcp } from '../../src/tcp-reset.js';
import type { Io } from '../io.js';
import { parseWithFiles, UsageError, wholeNumber } from '../usage-error.js';
import { aSignal } from './a-signal.js';
import { endings } from './ending.js';
import { idleTimeoutOf } from './idle-timeout.js';
import { Narrator } from './narrator.js';
import { placeOf, toldAddress, type Place } from './place.js';
import {
  calleeTls,
  calleeTlsOptions,
  callerTls,
  callerTlsOptions,
} from './tls.js';

interface Asked {
  readonly listen: Place;
  readonly target: Place;
  /** For a TLS service, with its ALPN in `connect`. */
  readonly targetTls: tls.ConnectionOptions | undefined;
  readonly listenTls: tls.TlsOptions | undefined;
  /** Caller data that is accepted, or that is sent to the target. */
  readonly callerData: readonly string[];
  readonly lastWord: string;
  readonly away: string;
  readonly allowPlain: boolean;
  /** Milliseconds for a connection to the target. */
  readonly timeout: number;
  readonly deadline: number;
  /** The limit of silence of the goodbyte side, in milliseconds. */
  readonly idleTimeout: number | undefined;
}

/** A proxy that is running. */
interface Running {
  readonly at: string;
  /** Says the last word to everyone, and waits until the deadline. */
  stop(): Promise<Record<string, number>>;
}

/** `goodbyte proxy`: until a signal. */
export async function proxyCommand(
  args: readonly string[],
  io: Io,
): Promise<number> {
  const { values, files } = parseWithFiles(args, {
    ...callerTlsOptions,
    ...calleeTlsOptions,
    'plain-callers': { type: 'boolean', default: false },
    'allow-plain': { type: 'boolean', default: false },
    'caller-data': { type: 'string', multiple: true, default: [] },
    'last-word': { type: 'string', default: 'the proxy is shutting down' },
    away: { type: 'string', default: 'the service is away' },
    timeout: { type: 'string' },
    'idle-timeout': { type: 'string' },
    deadline: { type: 'string' },
    json: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  });
  const [listen, target, ...more] = files;
  if (listen === undefined || target === undefined || more.length > 0) {
    throw new UsageError(
      'goodbyte proxy takes LISTEN TARGET, each HOST:PORT, PORT or a path',
    );
  }
  const outbound = values['plain-callers'];
  const callerData = values['caller-data'];
  if (outbound && (callerData.length > 1 || values['allow-plain'])) {
    throw new UsageError(
      '--plain-callers takes one --caller-data, and no --allow-plain',
    );
  }
  const place = placeOf([target], 'proxy');
  const asked: Asked = {
    listen: placeOf([listen], 'proxy'),
    target: place,
    targetTls: callerTls(values, place),
    listenTls: calleeTls(values),
    callerData,
    lastWord: values['last-word'],
    away: values.away,
    allowPlain: values['allow-plain'],
    timeout: wholeNumber('timeout', values.timeout, 1) ?? 5000,
    deadline: wholeNumber('deadline', values.deadline, 0) ?? 10_000,
    idleTimeout: idleTimeoutOf(values),
  };
  const narrator = new Narrator(io.stderr, values);
  let running: Running;
  try {
    running = await (outbound ? fromPlain : toPlain)(asked, narrator);
  } catch (error) {
    return narrator.end({ how: 'failed', error: error as Error });
  }
  const signal = aSignal();
  narrator.say('listening', { at: running.at });
  narrator.say('stopping', { signal: await signal });
  narrator.say('stopped', await running.stop());
  return endings.goodbye;
}

// -- goodbyte callers, a plain service -------------------------------------

async function toPlain(asked: Asked, narrator: Narrator): Promise<Running> {
  const services = new WeakMap<ConditionRequest, net.Socket>();
  const pairs = new Set<Pair>();
  const server = new Server({
    allowHalfOpen: true,
    allowPlain: asked.allowPlain,
    tls: asked.listenTls,
    idleTimeout: asked.idleTimeout,
    condition: (request) => decide(asked, request, services),
  });
  const onverdict = (message: unknown) => {
    const { server: of, request, verdict, socket } = message as VerdictMessage;
    if (of !== server) return;
    const service = services.get(request);
    const { callerData, callerId } = request;
    narrator.say(verdict, { from: toldAddress(callerId), callerData });
    if (socket && service) pairUp(pairs, socket, service, narrator);
    else service?.destroy();
  };
  subscribe('goodbyte:verdict', onverdict);
  server.on('handshakeError', (error) => {
    narrator.say('a handshake failed', { error: error.message });
  });
  await once(server.listen(asked.listen), 'listening');
  return {
    at: toldAddress(server.address())!,
    async stop() {
      for (const pair of pairs) pair.muteService();
      const { lastWord: data, deadline } = asked;
      const drained = await server.drain({ data, deadline });
      unsubscribe('goodbyte:verdict', onverdict);
      const { connections, ended, failed, aborted } = drained;
      return { connections, ended, failed, aborted };
    },
  };
}

async function decide(
  { callerData: allowed, away, target, targetTls, timeout }: Asked,
  request: ConditionRequest,
  services: WeakMap<ConditionRequest, net.Socket>,
): Promise<Decision> {
  const { callerData, framed } = request;
  const isKnown =
    allowed.length === 0 || allowed.includes(String(callerData ?? ''));
  // A plain caller has no user data.
  if (framed && !isKnown) return reject('unknown caller');
  const options = { ...target, allowHalfOpen: true };
  const service = targetTls
    ? tls.connect({ ...options, ...targetTls })
    : net.connect(options);
  try {
    await once(service, targetTls ? 'secureConnect' : 'connect', {
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeout)]),
    });
  } catch {
    service.on('error', () => {}).destroy();
    return reject(away);
  }
  services.set(request, service);
  return accept();
}

// -- plain callers, a goodbyte service --------------------------------------

async function fromPlain(asked: Asked, narrator: Narrator): Promise<Running> {
  const { target, targetTls, callerData, timeout, idleTimeout, listenTls } =
    asked;
  const pairs = new Set<Pair>();
  const take = (caller: net.Socket) => {
    const socket = connect({
      ...target,
      tls: targetTls,
      callerData: callerData[0],
      connectTimeout: timeout,
      idleTimeout,
      allowHalfOpen: true,
    });
    const onleave = () => socket.destroy();
    const onrefused = (error: Error) => {
      const { message, rejectData } = error as WinsockError;
      narrator.say('no connection', { error: message, rejectData });
      abort(caller);
    };
    caller.on('error', onleave);
    socket.once('error', onrefused);
    socket.once('connect', () => {
      caller.off('error', onleave);
      socket.off('error', onrefused);
      pairUp(pairs, socket, caller, narrator);
    });
  };
  const options = { allowHalfOpen: true, pauseOnConnect: true };
  const server = listenTls
    ? tls.createServer({ ...options, ...listenTls }, take)
    : net.createServer(options, take);
  await once(server.listen(asked.listen), 'listening');
  return {
    at: toldAddress(server.address())!,
    async stop() {
      server.close();
      const { lastWord: data, deadline } = asked;
      const ends = await Promise.allSettled(
        Array.from(pairs, (pair) => {
          pair.muteService();
          return pair.socket.disconnect(data, { deadline });
        }),
      );
      const ended = ends.filter(({ status }) => status === 'fulfilled').length;
      return { connections: ends.length, ended };
    },
  };
}

// -- both -------------------------------------------------------------------

interface Pair {
  readonly socket: Socket;
  /** Our last word is due: later data of the plain end is dropped. */
  muteService(): void;
}

/**
 * Passes data in both directions; an end becomes an end, a failure a failure.
 */
function pairUp(
  pairs: Set<Pair>,
  socket: Socket,
  plain: net.Socket,
  narrator: Narrator,
): void {
  const { remoteAddress: address = '', remotePort: port = 0 } = socket;
  const peer = toldAddress({ address, port });
  const pair = {
    socket,
    muteService() {
      plain.unpipe(socket).resume();
    },
  };
  pairs.add(pair);
  socket.pipe(plain);
  plain.pipe(socket);
  socket.once('disconnect', (lastWord) => {
    narrator.say('goodbye', { peer, lastWord });
  });
  socket.on('error', (error) => {
    narrator.say('a connection failed', { peer, error: error.message });
    abort(plain);
  });
  plain.on('error', (error) => {
    narrator.say('the plain end failed', { peer, error: error.message });
    socket.resetAndDestroy();
  });
  socket.once('close', () => {
    pairs.delete(pair);
    // It has our end; the rest is not waited for.
    plain.resume().unref();
  });
}

/** Resets TCP; other media can only be closed. */
function abort(socket: net.Socket): void {
  const isTcp = socket.remotePort !== undefined;
  if (isTcp && !(socket instanceof tls.TLSSocket)) resetTcp(socket);
  else socket.destroy();
}
