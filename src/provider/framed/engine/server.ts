import { AsyncResource } from 'node:async_hooks';
import { isIPv6 } from 'node:net';
import { statusOfNodeError } from '../../../vocabulary/error-codes.js';
import type {
  Address,
  Failure,
  ListenOptions,
  ListenPipeTarget,
  ListenTcpTarget,
} from '../../provider.js';
import { resolveLocal } from '../../resolve.js';
import type { ServerSink, TransportServer } from '../listener.js';
import type { TransportOptions } from '../transport.js';
import { limitsOf } from './dial.js';
import { errorOf, listenError } from '../../system-errors.js';
import { EventKind, kindOf, type EventTarget } from './events.js';
import type { EngineLoop } from './loop.js';
import { EngineTransport } from './transport.js';

/** Node's. */
const DEFAULT_BACKLOG = 511;

/** Without IPv6, all IPv4 addresses. */
const anyAddresses = ['::', '0.0.0.0'];

/** Accepts connections through the engine. */
export class EngineServer
  extends AsyncResource
  implements TransportServer, EventTarget
{
  readonly #loop: EngineLoop;
  readonly #sink: ServerSink;
  readonly #options: TransportOptions;
  #id = -1;
  #path: string | undefined;
  /** The listening address, unless it is all addresses. */
  #oneAddress: Address | undefined;
  #unref = false;
  #isClosed = false;

  /** @param options of the incoming connections. */
  constructor(loop: EngineLoop, sink: ServerSink, options: TransportOptions) {
    super('GOODBYTESERVER');
    this.#loop = loop;
    this.#sink = sink;
    this.#options = options;
  }

  listen(
    target: ListenTcpTarget | ListenPipeTarget,
    done: (failure: Failure) => void,
  ): void {
    target.onlisten?.();
    if ('path' in target) {
      this.#path = target.path;
      this.#begin(this.#listenPipe(target), { address: target.path }, done);
      return;
    }
    const { host, port } = target;
    if (!host) {
      this.#listenAt(anyAddresses, target, done);
      return;
    }
    resolveLocal(host, (error, address) => {
      if (this.#isClosed) return;
      if (error) done({ status: statusOfNodeError(error), cause: error });
      else this.#listenAt([address], { ...target, port }, done);
    });
  }

  #listenAt(
    addresses: readonly string[],
    target: ListenTcpTarget,
    done: (failure: Failure) => void,
  ): void {
    let id = -1;
    let tried = '';
    for (const address of addresses) {
      tried = address;
      id = this.#listenTcp(address, target);
      if (id >= 0 || !lacksFamily(id)) break;
    }
    this.#begin(id, { address: tried, port: target.port }, done);
  }

  #listenTcp(address: string, target: ListenTcpTarget): number {
    return this.#loop.native.listenTcp(
      address,
      target.port,
      backlogOf(target),
      // It does not apply to IPv4 addresses.
      isIPv6(address) && target.ipv6Only === true,
      target.reusePort ?? false,
      ...limitsOf(this.#options),
      this.#options.allowPlain,
    );
  }

  #listenPipe(target: ListenPipeTarget): number {
    const access =
      (target.readableAll ? READABLE : 0) | (target.writableAll ? WRITABLE : 0);
    return this.#loop.native.listenPipe(
      target.path,
      backlogOf(target),
      access,
      ...limitsOf(this.#options),
      this.#options.allowPlain,
    );
  }

  /** @param id libuv's number for an error, if negative. */
  #begin(
    id: number,
    place: { address: string; port?: number },
    done: (failure: Failure) => void,
  ): void {
    if (id < 0) {
      const cause = listenError(id, place);
      process.nextTick(done, { status: statusOfNodeError(cause), cause });
      return;
    }
    this.#id = id;
    this.#loop.register(id, this);
    const name = this.#loop.localAddress(id);
    if (name && !anyAddresses.includes(name.address)) this.#oneAddress = name;
    if (this.#unref) this.#loop.native.unref(id);
    process.nextTick(done, { status: 0 });
  }

  onEvent(what: number, a: number): void {
    this.runInAsyncScope(() => {
      this.#hear(what, a);
    });
  }

  #hear(what: number, a: number): void {
    switch (kindOf(what)) {
      case EventKind.accepted:
        this.#onAccepted(a);
        return;
      case EventKind.acceptFailed:
        this.#sink.onServerError(errorOf(a, 'accept'));
        return;
      case EventKind.released:
        this.#id = -1;
        this.emitDestroy();
        return;
    }
  }

  #onAccepted(id: number): void {
    // The caller's end of a pipe has no name.
    const peer = this.#path === undefined ? this.#loop.acceptedName : '';
    this.#sink.onConnection((sink, options) => {
      const transport = new EngineTransport(this.#loop, sink, options);
      transport.begin(id, peer, this.#oneAddress);
      return transport;
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#loop.native.close(this.#id);
  }

  get address(): Address | undefined {
    if (this.#path !== undefined) {
      return { family: 'unix', address: this.#path, port: 0 };
    }
    return this.#loop.localAddress(this.#id);
  }

  ref(): void {
    this.#unref = false;
    this.#loop.native.ref(this.#id);
  }

  unref(): void {
    this.#unref = true;
    this.#loop.native.unref(this.#id);
  }
}

const READABLE = 1;
const WRITABLE = 2;

function backlogOf({ backlog }: ListenOptions): number {
  return backlog || DEFAULT_BACKLOG;
}

function lacksFamily(number: number): boolean {
  const { code } = errorOf(number, 'bind') as NodeJS.ErrnoException;
  return (
    code === 'EAFNOSUPPORT' || code === 'EINVAL' || code === 'EADDRNOTAVAIL'
  );
}
