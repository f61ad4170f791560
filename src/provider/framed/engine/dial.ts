import { STREAM } from '../../../native.js';
import { Attempts, type Dialer } from '../../attempts.js';
import type { PipeTarget, TcpTarget } from '../../provider.js';
import type { Candidate } from '../../resolve.js';
import { connectError } from '../../system-errors.js';
import type { FrameSink, TransportOptions } from '../transport.js';
import { EventKind, kindOf, type EventTarget } from './events.js';
import type { EngineLoop } from './loop.js';
import { EngineTransport, type Dialing } from './transport.js';

/** Limits in the order in which the addon takes them. */
export function limitsOf(
  options: TransportOptions,
): [control: number, message: number, hold: number] {
  return [
    options.controlLimit,
    options.messageLimit ?? STREAM,
    // The addon has 32 bits for it.
    Math.min(options.holdLimit, 0xffffffff),
  ];
}

/** Connects a transport to a target. */
export function dial(
  loop: EngineLoop,
  target: TcpTarget | PipeTarget,
  sink: FrameSink,
  options: TransportOptions,
): EngineTransport {
  const transport = new EngineTransport(loop, sink, options);
  const dialing =
    'path' in target
      ? new PipeDial(loop, transport, target, options)
      : new TcpDial(loop, transport, target, options);
  transport.dial(dialing);
  dialing.start();
  return transport;
}

/** Receives a connection's events until it is open. */
abstract class Dial implements EventTarget, Dialing {
  protected readonly loop: EngineLoop;
  protected readonly transport: EngineTransport;
  protected readonly options: TransportOptions;
  /** The id of the connection under way. */
  #id = -1;

  constructor(
    loop: EngineLoop,
    transport: EngineTransport,
    options: TransportOptions,
  ) {
    this.loop = loop;
    this.transport = transport;
    this.options = options;
  }

  abstract start(): void;
  abstract abandon(): void;
  protected abstract onconnected(id: number): void;
  /** @param number libuv's error number. */
  abstract onrefused(number: number): void;

  /** @param id of a connection, or libuv's number for an error. */
  protected begin(id: number): void {
    if (id < 0) {
      process.nextTick(refused, this, id);
      return;
    }
    this.#id = id;
    this.loop.register(id, this);
  }

  onEvent(what: number, number: number): void {
    if (kindOf(what) !== EventKind.connected) return;
    const id = this.#id;
    this.#id = -1;
    if (number === 0) {
      this.onconnected(id);
    } else {
      this.loop.forget(id);
      this.onrefused(number);
    }
  }

  /** The connection under way reports nothing more. */
  drop(): void {
    if (this.#id < 0) return;
    this.loop.forget(this.#id);
    this.loop.native.close(this.#id);
    this.#id = -1;
  }
}

function refused(dialing: Dial, number: number): void {
  dialing.onrefused(number);
}

class PipeDial extends Dial {
  readonly #path: string;

  constructor(
    loop: EngineLoop,
    transport: EngineTransport,
    { path }: PipeTarget,
    options: TransportOptions,
  ) {
    super(loop, transport, options);
    this.#path = path;
  }

  start(): void {
    const { native } = this.loop;
    this.begin(native.connectPipe(this.#path, ...limitsOf(this.options)));
  }

  abandon(): void {
    this.drop();
  }

  protected onconnected(id: number): void {
    this.transport.onDialed(id, this.#path);
  }

  onrefused(number: number): void {
    this.transport.fail(connectError(number, { address: this.#path }));
  }
}

class TcpDial extends Dial implements Dialer {
  readonly #port: number;
  readonly #attempts: Attempts;

  constructor(
    loop: EngineLoop,
    transport: EngineTransport,
    target: TcpTarget,
    options: TransportOptions,
  ) {
    super(loop, transport, options);
    this.#port = target.port;
    this.#attempts = new Attempts(target, this, true);
  }

  start(): void {
    this.#attempts.start();
  }

  abandon(): void {
    this.#attempts.abandon();
  }

  supports(): boolean {
    return true;
  }

  connect({ address }: Candidate): undefined {
    const { address: localAddress = '', port: localPort = 0 } =
      this.#attempts.local ?? {};
    this.begin(
      this.loop.native.connectTcp(
        address,
        this.#port,
        localAddress,
        localPort,
        ...limitsOf(this.options),
      ),
    );
  }

  protected onconnected(id: number): void {
    if (this.#attempts.succeed()) this.transport.onDialed(id);
  }

  onrefused(number: number): void {
    this.#attempts.fail(this.#attempts.errorOf(number));
  }

  onfailed(error: Error): void {
    this.transport.fail(error);
  }
}
