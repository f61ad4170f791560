import { getDefaultAutoSelectFamilyAttemptTimeout, isIP } from 'node:net';
import { STREAM } from '../../../native.js';
import { TimeLimit } from '../../../time-limit.js';
import type { PipeTarget, TcpTarget } from '../../provider.js';
import type { FrameSink, TransportOptions } from '../transport.js';
import { connectError, numberOf } from '../system-errors.js';
import { EventKind, kindOf, type EventTarget } from './events.js';
import type { EngineLoop } from './loop.js';
import { resolve, together, type Candidate } from '../../resolve.js';
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
  const attempts =
    'path' in target
      ? new PipeAttempts(loop, transport, target, options)
      : new TcpAttempts(loop, transport, target, options);
  transport.dial(attempts);
  attempts.start();
  return transport;
}

/** Tries to connect, and receives its connection's events until it stands. */
abstract class Attempts implements EventTarget, Dialing {
  protected readonly loop: EngineLoop;
  protected readonly transport: EngineTransport;
  protected readonly options: TransportOptions;
  /** Of the connection that is tried. */
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
  protected abstract onconnected(id: number): void;
  /** @param number libuv's, of the error. */
  protected abstract onfailed(number: number): void;

  /** @param id of a connection, or libuv's number for an error. */
  protected begin(id: number): void {
    if (id < 0) {
      process.nextTick(failed, this, id);
      return;
    }
    this.#id = id;
    this.loop.register(id, this);
  }

  fail(number: number): void {
    this.onfailed(number);
  }

  onEvent(what: number, number: number): void {
    if (kindOf(what) !== EventKind.connected) return;
    const id = this.#id;
    this.#id = -1;
    if (number === 0) {
      this.onconnected(id);
    } else {
      this.loop.forget(id);
      this.onfailed(number);
    }
  }

  /** Nothing more is told of the connection that is tried. */
  abandon(): void {
    if (this.#id < 0) return;
    this.loop.forget(this.#id);
    this.loop.native.close(this.#id);
    this.#id = -1;
  }
}

function failed(attempts: Attempts, number: number): void {
  attempts.fail(number);
}

class PipeAttempts extends Attempts {
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

  protected onconnected(id: number): void {
    this.transport.onDialed(id, this.#path);
  }

  protected onfailed(number: number): void {
    this.transport.fail(connectError(number, { address: this.#path }));
  }
}

/** Tries a name's addresses one after the other, as `net` does. */
class TcpAttempts extends Attempts {
  readonly #target: TcpTarget;
  #candidates: Candidate[] = [];
  #index = 0;
  #errors: Error[] | undefined;
  #limit: TimeLimit | undefined;
  #isOver = false;

  constructor(
    loop: EngineLoop,
    transport: EngineTransport,
    target: TcpTarget,
    options: TransportOptions,
  ) {
    super(loop, transport, options);
    this.#target = target;
  }

  start(): void {
    const { host = 'localhost' } = this.#target;
    const family = isIP(host) as 0 | 4 | 6;
    if (family !== 0) {
      // As net: who calls connect may still say what it wants to hear.
      process.nextTick(tryAll, this, [{ address: host, family }]);
      return;
    }
    resolve(
      this.#target,
      (event, ...args) => {
        this.#tell(event, ...args);
      },
      (error, candidates) => {
        if (this.#isOver) return;
        if (error) this.#giveUp(error);
        else this.tryAll(candidates);
      },
    );
  }

  tryAll(candidates: Candidate[]): void {
    this.#candidates = candidates;
    this.#try();
  }

  override abandon(): void {
    this.#isOver = true;
    this.#limit?.stop();
    super.abandon();
  }

  #tell(event: string, ...args: unknown[]): void {
    if (!this.#isOver) this.#target.onprogress?.(event, ...args);
  }

  #giveUp(error: Error): void {
    this.#isOver = true;
    this.transport.fail(error);
  }

  #try(): void {
    const { address, family } = this.#candidates[this.#index]!;
    const { port, localAddress = '', localPort = 0 } = this.#target;
    this.#tell('connectionAttempt', address, port, family);
    if (this.#isOver) return;
    this.begin(
      this.loop.native.connectTcp(
        address,
        port,
        localPort && !localAddress ? anyOf(family) : localAddress,
        localPort,
        ...limitsOf(this.options),
      ),
    );
    if (this.#hasNext) this.#startTimer();
  }

  get #hasNext(): boolean {
    return this.#index + 1 < this.#candidates.length;
  }

  #startTimer(): void {
    const { autoSelectFamilyAttemptTimeout } = this.#target;
    this.#limit = new TimeLimit(
      autoSelectFamilyAttemptTimeout ??
        getDefaultAutoSelectFamilyAttemptTimeout(),
      () => {
        this.#onTimeout();
      },
    );
  }

  #onTimeout(): void {
    const { address, family } = this.#candidates[this.#index]!;
    const { port } = this.#target;
    this.#tell('connectionAttemptTimeout', address, port, family);
    if (this.#isOver) return;
    super.abandon();
    this.#goOn(this.#errorOf(numberOf('ETIMEDOUT')));
  }

  protected onconnected(id: number): void {
    this.#limit?.stop();
    this.#isOver = true;
    this.transport.onDialed(id);
  }

  protected onfailed(number: number): void {
    this.#limit?.stop();
    if (this.#isOver) return;
    const { address, family } = this.#candidates[this.#index]!;
    const error = this.#errorOf(number);
    const { port } = this.#target;
    this.#tell('connectionAttemptFailed', address, port, family, error);
    if (!this.#isOver) this.#goOn(error);
  }

  #goOn(error: Error): void {
    this.#errors ??= [];
    this.#errors.push(error);
    if (this.#hasNext) {
      this.#index++;
      this.#try();
    } else {
      this.#giveUp(together(this.#errors));
    }
  }

  #errorOf(number: number): Error {
    const { address, family } = this.#candidates[this.#index]!;
    const { port, localAddress = anyOf(family), localPort } = this.#target;
    // As net: a port makes it worth telling.
    const local = localPort && { address: localAddress, port: localPort };
    return connectError(number, { address, port }, local);
  }
}

function anyOf(family: 4 | 6): string {
  return family === 6 ? '::' : '0.0.0.0';
}

function tryAll(attempts: TcpAttempts, candidates: Candidate[]): void {
  attempts.tryAll(candidates);
}
