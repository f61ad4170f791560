import { getDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { STREAM } from '../../../native.js';
import type { PipeTarget, TcpTarget } from '../../provider.js';
import type { FrameSink, TransportOptions } from '../transport.js';
import { connectError, numberOf, together } from './errors.js';
import { EventKind, kindOf, type EventTarget } from './events.js';
import type { EngineLoop } from './loop.js';
import { resolve, type Candidate } from './resolve.js';
import { EngineTransport, type Dialing } from './transport.js';

/** Limits in the order in which the addon takes them. */
export function limitsOf(
  options: TransportOptions,
): [control: number, message: number, hold: number] {
  return [
    options.controlLimit,
    options.messageLimit ?? STREAM,
    options.holdLimit,
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
  if ('path' in target) dialPipe(loop, transport, target, options);
  else new TcpDialing(loop, transport, target, options).start();
  return transport;
}

function dialPipe(
  loop: EngineLoop,
  transport: EngineTransport,
  { path }: PipeTarget,
  options: TransportOptions,
): void {
  const attempt = new Attempt(loop, (number) => {
    if (number === 0) transport.onDialed(attempt.id, path);
    else transport.fail(connectError(number, { address: path }));
  });
  transport.dial(attempt);
  attempt.start(loop.native.connectPipe(path, ...limitsOf(options)));
}

/** One try to connect: it hears of its id until it is connected. */
class Attempt implements EventTarget, Dialing {
  readonly #loop: EngineLoop;
  readonly #done: (number: number) => void;
  id = -1;
  #isDone = false;

  /** @param done gets 0, or libuv's number for an error. */
  constructor(loop: EngineLoop, done: (number: number) => void) {
    this.#loop = loop;
    this.#done = done;
  }

  /** @param id of the connection, or libuv's number for an error. */
  start(id: number): void {
    if (id < 0) {
      process.nextTick(() => {
        this.#finish(id);
      });
      return;
    }
    this.id = id;
    this.#loop.register(id, this);
  }

  onEvent(what: number, a: number): void {
    if (kindOf(what) === EventKind.connected) this.#finish(a);
  }

  #finish(number: number): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#done(number);
  }

  abandon(): void {
    this.#isDone = true;
    this.#loop.native.close(this.id);
  }
}

/** Connects by TCP: a name's addresses one after the other, as `net` does. */
class TcpDialing implements Dialing {
  readonly #loop: EngineLoop;
  readonly #transport: EngineTransport;
  readonly #target: TcpTarget;
  readonly #options: TransportOptions;
  readonly #errors: Error[] = [];
  #candidates: Candidate[] = [];
  #attempt: Attempt | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(
    loop: EngineLoop,
    transport: EngineTransport,
    target: TcpTarget,
    options: TransportOptions,
  ) {
    this.#loop = loop;
    this.#transport = transport;
    this.#target = target;
    this.#options = options;
    transport.dial(this);
  }

  start(): void {
    resolve(
      this.#target,
      (event, ...args) => {
        this.#tell(event, ...args);
      },
      (error, candidates) => {
        if (this.#isOver) return;
        if (error) {
          this.#fail(error);
        } else {
          this.#candidates = candidates;
          this.#try(0);
        }
      },
    );
  }

  abandon(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#attempt?.abandon();
  }

  #tell(event: string, ...args: unknown[]): void {
    if (!this.#isOver) this.#target.onprogress?.(event, ...args);
  }

  #fail(error: Error): void {
    this.#isOver = true;
    this.#transport.fail(error);
  }

  #try(index: number): void {
    const candidate = this.#candidates[index]!;
    const { address, family } = candidate;
    const { port, localAddress = '', localPort = 0 } = this.#target;
    this.#tell('connectionAttempt', address, port, family);
    if (this.#isOver) return;

    const attempt = new Attempt(this.#loop, (number) => {
      clearTimeout(this.#timer);
      if (number === 0) {
        this.#isOver = true;
        this.#transport.onDialed(attempt.id);
      } else {
        this.#onFailed(index, this.#errorOf(number, candidate));
      }
    });
    this.#attempt = attempt;
    const anyOfFamily = family === 6 ? '::' : '0.0.0.0';
    attempt.start(
      this.#loop.native.connectTcp(
        address,
        port,
        localPort && !localAddress ? anyOfFamily : localAddress,
        localPort,
        ...limitsOf(this.#options),
      ),
    );
    if (index + 1 < this.#candidates.length) this.#startTimer(index);
  }

  #startTimer(index: number): void {
    const { autoSelectFamilyAttemptTimeout } = this.#target;
    this.#timer = setTimeout(() => {
      const candidate = this.#candidates[index]!;
      const { address, family } = candidate;
      this.#tell(
        'connectionAttemptTimeout',
        address,
        this.#target.port,
        family,
      );
      if (this.#isOver) return;
      this.#attempt?.abandon();
      this.#errors.push(this.#errorOf(numberOf('ETIMEDOUT'), candidate));
      this.#try(index + 1);
    }, autoSelectFamilyAttemptTimeout ?? getDefaultAutoSelectFamilyAttemptTimeout());
  }

  #onFailed(index: number, error: Error): void {
    const { address, family } = this.#candidates[index]!;
    this.#errors.push(error);
    this.#tell(
      'connectionAttemptFailed',
      address,
      this.#target.port,
      family,
      error,
    );
    if (this.#isOver) return;
    if (index + 1 < this.#candidates.length) this.#try(index + 1);
    else this.#fail(together(this.#errors));
  }

  #errorOf(number: number, { address }: Candidate): Error {
    const { port, localAddress, localPort } = this.#target;
    const local = localAddress
      ? { address: localAddress, port: localPort ?? 0 }
      : undefined;
    return connectError(number, { address, port }, local);
  }
}
