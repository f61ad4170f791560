import {
  connect as netConnect,
  isIP,
  type NetConnectOpts,
  type Socket as NetSocket,
} from 'node:net';
import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { loadTls } from '../../../on-demand.js';
import type { ConnectTarget, StreamTarget } from '../../provider.js';
import type { FrameSink, TransportOptions } from '../transport.js';
import { ALPN_PROTOCOL } from '../wire.js';
import { isOver, isTaken, takeOver } from './given.js';
import { StreamTransport } from './transport.js';

const progressing = Symbol('goodbyte.progress');

type OnProgress = (event: string, ...about: unknown[]) => void;

/** A net.Socket has the receiver of its events before it is connected. */
type Progressing = NetSocket & { [progressing]: OnProgress };

type ProgressListener = (this: Progressing, ...about: unknown[]) => void;

/** One listener for all: they are passed on as they occur. */
function passOn(event: string): [string, ProgressListener] {
  return [
    event,
    function (...about) {
      this[progressing](event, ...about);
    },
  ];
}

const ofAny = ['connectionAttempt', 'connectionAttemptFailed'].map(passOn);
const ofNames = ['lookup', 'connectionAttemptTimeout'].map(passOn);

function hearProgress(
  stream: NetSocket,
  target: ConnectTarget,
  onprogress: OnProgress,
): void {
  (stream as Progressing)[progressing] = onprogress;
  for (const [event, listener] of ofAny) stream.on(event, listener);
  // An address is not looked up, and is the only one that is tried.
  if ('host' in target && isIP(target.host ?? '') !== 0) return;
  for (const [event, listener] of ofNames) stream.on(event, listener);
}

/** Connects a transport to a target. */
export function dial(
  target: ConnectTarget,
  sink: FrameSink,
  options: TransportOptions,
): StreamTransport {
  if ('stream' in target) return dialGiven(target, sink, options);
  const { tls, onprogress } = target;
  // Without a prototype: for other objects that net.Socket copies and extends,
  // Node 20 makes a new hidden class each time, in net.Server too.
  const shape: object = Object.assign(Object.create(null), target, {
    tls: undefined,
    onprogress: undefined,
    allowHalfOpen: true,
    noDelay: true,
  });
  const stream = tls
    ? connectTls({ ...tls, ...shape })
    : netConnect(shape as NetConnectOpts);
  if (onprogress) hearProgress(stream, target, onprogress);
  return new StreamTransport(
    stream,
    sink,
    options,
    tls ? 'secureConnect' : 'connect',
  );
}

function dialGiven(
  { stream: given, tls }: StreamTarget,
  sink: FrameSink,
  options: TransportOptions,
): StreamTransport {
  if (isTaken(given)) {
    const error = givenError('EISCONN', 'carries a connection already');
    return dialBroken(error, sink, options);
  }
  if (isOver(given)) {
    given.destroy();
    return dialBroken(givenError('ENOTCONN', 'has ended'), sink, options);
  }
  const stream = takeOver(given);
  if (tls) {
    const secure = connectTls({ ...tls, socket: stream });
    return new StreamTransport(secure, sink, options, 'secureConnect');
  }
  process.nextTick(() => {
    sink.onDialed();
  });
  return new StreamTransport(stream, sink, options);
}

/** A connection that cannot be made, with its error. */
export function dialBroken(
  error: Error,
  sink: FrameSink,
  options: TransportOptions,
): StreamTransport {
  const gone = new Duplex();
  const transport = new StreamTransport(gone, sink, options);
  gone.destroy(error);
  return transport;
}

function givenError(code: string, why: string): Error {
  return Object.assign(new Error(`connect ${code}: the given stream ${why}`), {
    code,
    syscall: 'connect',
  });
}

function connectTls(options: object): TLSSocket {
  return loadTls().connect({ ALPNProtocols: [ALPN_PROTOCOL], ...options });
}
