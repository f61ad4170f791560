import { AsyncResource } from 'node:async_hooks';
import { isListed } from '../address-list.js';
import { checkBlockList } from '../arguments.js';
import { debug, verdictChannel } from '../diagnostics.js';
import { WinsockError } from '../errors.js';
import type {
  ConnectRequest,
  ProviderConnection,
  ProviderListener,
  Verdict,
} from '../provider/provider.js';
import type { Socket } from '../socket.js';
import { MOST_USER_DATA } from '../user-data.js';
import { CF_ACCEPT, CF_DEFER, CF_REJECT } from '../vocabulary/constants.js';
import {
  WSAECONNABORTED,
  WSAECONNREFUSED,
  WSAECONNRESET,
  WSAEFAULT,
  WSAENOBUFS,
  WSAEOPNOTSUPP,
  WSATRY_AGAIN,
  type Status,
} from '../vocabulary/error-codes.js';
import { SERVICETYPE_GUARANTEED } from '../vocabulary/qos.js';
import {
  ageOf,
  ConditionRequest,
  withdraw,
  type Condition,
} from './condition.js';
import { emitSafely } from './emit-safely.js';
import { tellHandshakeError } from './handshake-error.js';
import type { Counters } from './metrics.js';
import type { DropArgument } from './options.js';
import type { ServerOwner } from './owner.js';
import { Decision, type Outcome } from './verdict.js';

/** The server, as its verdicts see it. */
export interface VerdictsHost {
  readonly connections: number;
  readonly isClosed: boolean;
  /** @returns the connection's Socket; `undefined`: the application has kept it. */
  onaccepted(connected: ProviderConnection): Socket | undefined;
  /** Its acceptance has been reported: it now belongs to the application. */
  onconnection(socket: Socket): void;
}

const refusal: Verdict = { verdict: CF_REJECT };

/** Nothing was done for the caller. */
const dropping: Verdict = { verdict: CF_REJECT, mayRepeat: true };

const counterOf = {
  accept: 'accepted',
  reject: 'rejected',
  withdrawn: 'withdrawn',
  error: 'conditionErrors',
} as const;

/**
 * Asks the condition function about each caller, and carries out its verdict.
 */
export class Verdicts {
  readonly #server: ServerOwner;
  readonly #host: VerdictsHost;
  readonly #counters: Counters;
  /** The context that condition functions run in. */
  #context = new AsyncResource('GOODBYTESERVER');
  /** Callers whose condition functions are running. */
  readonly #deciding = new WeakSet<ConnectRequest>();
  /** The last one whose condition failed. */
  #failed: ConditionRequest | undefined;
  /** The last one that was dropped. */
  #dropped: ConnectRequest | undefined;

  constructor(server: ServerOwner, counters: Counters, host: VerdictsHost) {
    this.#server = server;
    this.#counters = counters;
    this.#host = host;
  }

  /** Condition functions run in the context of this method's caller. */
  enterContext(): void {
    this.#context = new AsyncResource('GOODBYTESERVER');
  }

  /** Decides about all callers that have arrived. */
  acceptAll(listener: ProviderListener): void {
    let offered: ConditionRequest | undefined;
    let inner: ConnectRequest | undefined;
    let verdict = refusal;
    const decide = (request: ConnectRequest): Verdict => {
      inner = request;
      offered = new ConditionRequest(request);
      verdict = this.#decide(listener, request, offered);
      return verdict;
    };
    for (;;) {
      inner = undefined;
      const result = listener.accept(decide, 'new');
      // Nobody waits, or one of our listeners has closed the server.
      if (!inner || !offered) return;
      this.#carryOut(listener, inner, offered, verdict, result);
    }
  }

  /** Verdict of the condition function, or CF_DEFER while it is undecided. */
  #decide(
    listener: ProviderListener,
    inner: ConnectRequest,
    request: ConditionRequest,
  ): Verdict {
    try {
      const refused = this.#isTooMany(inner) ?? this.#isBlocked(inner);
      if (refused) return refused;
      const { condition } = this.#server;
      if (!condition) return { verdict: CF_ACCEPT };
      const outcome = this.#context.runInAsyncScope(
        inOwnContext,
        condition,
        this.#server,
        request,
      );
      if (!isThenable(outcome)) return Decision.verdictOf(outcome);
      this.#deciding.add(inner);
      inner.onwithdrawn = () => {
        this.#onWithdrawn(inner, request);
      };
      void this.#await(listener, inner, request, outcome);
      return { verdict: CF_DEFER };
    } catch (error) {
      this.#onConditionError(request, error);
      return refusal;
    }
  }

  #isTooMany(inner: ConnectRequest): Verdict | undefined {
    const { maxConnections } = this.#server;
    if (maxConnections === undefined || maxConnections === null) {
      return undefined;
    }
    return this.#host.connections >= maxConnections
      ? this.#drop(inner)
      : undefined;
  }

  #isBlocked(inner: ConnectRequest): Verdict | undefined {
    const { blockList } = this.#server;
    // Its user may have set it to anything since.
    if (blockList) checkBlockList(blockList, 'server.blockList');
    return blockList && isListed(blockList, inner.callerId.address)
      ? this.#drop(inner)
      : undefined;
  }

  #drop(inner: ConnectRequest): Verdict {
    this.#dropped = inner;
    return dropping;
  }

  /** As in net, once its caller is refused: a listener may close the server. */
  #tellDrop({ callerId, calleeId }: ConnectRequest): void {
    const about: DropArgument =
      callerId.family === 'unix'
        ? {}
        : {
            localAddress: calleeId.address,
            localPort: calleeId.port,
            localFamily: calleeId.family,
            remoteAddress: callerId.address,
            remotePort: callerId.port,
            remoteFamily: callerId.family,
          };
    this.#counters.dropped++;
    emitSafely(this.#server, 'drop', about);
  }

  async #await(
    listener: ProviderListener,
    inner: ConnectRequest,
    request: ConditionRequest,
    outcome: PromiseLike<unknown>,
  ): Promise<void> {
    try {
      this.#conclude(listener, inner, request, await outcome);
    } catch (error) {
      this.#concludeFailed(listener, inner, request, error);
    }
  }

  /** An asynchronous verdict has come. */
  #conclude(
    listener: ProviderListener,
    inner: ConnectRequest,
    request: ConditionRequest,
    decision: unknown,
  ): void {
    if (!this.#deciding.has(inner)) return;
    const verdict = this.#isTooMany(inner) ?? Decision.verdictOf(decision);
    this.#deciding.delete(inner);
    const result = listener.accept(() => verdict, inner);
    this.#carryOut(listener, inner, request, verdict, result);
  }

  #concludeFailed(
    listener: ProviderListener,
    inner: ConnectRequest,
    request: ConditionRequest,
    error: unknown,
  ): void {
    // A withdrawn request has no caller to answer; the condition may have
    // thrown because of that.
    if (!this.#deciding.delete(inner)) return;
    listener.accept(() => refusal, inner);
    this.#onConditionError(request, error);
  }

  /** @param result the provider's result of the verdict. */
  #carryOut(
    listener: ProviderListener,
    inner: ConnectRequest,
    request: ConditionRequest,
    verdict: Verdict,
    result: ProviderConnection | number,
  ): void {
    if (typeof result === 'object') {
      this.#onAccepted(request, result);
      return;
    }
    switch (result) {
      case WSATRY_AGAIN:
        return;
      case WSAECONNREFUSED:
        // Not if it was refused for an error, which was reported.
        if (this.#failed !== request) {
          this.#tell(request, 'reject');
        }
        if (this.#dropped === inner) this.#tellDrop(inner);
        return;
      case WSAECONNRESET:
        this.#onWithdrawn(inner, request);
        return;
      default:
        this.#onUnfit(listener, inner, request, verdict, result);
    }
  }

  /**
   * The verdict cannot be carried out: too much data, an sqos that cannot be
   * met, or too many are being decided already.
   */
  #onUnfit(
    listener: ProviderListener,
    inner: ConnectRequest,
    request: ConditionRequest,
    verdict: Verdict,
    status: Status,
  ): void {
    const error = new WinsockError(status, {
      syscall: 'accept',
      detail: detailOf(status, inner),
    });
    this.#deciding.delete(inner);
    const isCallers = isOfCaller(status, inner, verdict);
    if (status === WSAENOBUFS) {
      withdraw(request, error);
    } else {
      // The caller learns which limit was exceeded.
      const told = isCallers && verdict.verdict === CF_ACCEPT;
      listener.accept(
        () => (told ? { verdict: CF_REJECT, status } : refusal),
        inner,
      );
    }
    if (isCallers) {
      this.#tell(request, 'error', { error });
      tellHandshakeError(this.#server, this.#counters, error, inner.callerId);
    } else {
      this.#onConditionError(request, error);
    }
  }

  #onWithdrawn(inner: ConnectRequest, request: ConditionRequest): void {
    this.#deciding.delete(inner);
    const { isClosed } = this.#host;
    withdraw(
      request,
      new WinsockError(isClosed ? WSAECONNABORTED : WSAECONNRESET, {
        syscall: 'accept',
        detail: isClosed
          ? 'the server was closed'
          : 'the caller has left, or waited too long',
      }),
    );
    this.#tell(request, 'withdrawn');
  }

  #onConditionError(request: ConditionRequest, error: unknown): void {
    this.#failed = request;
    this.#tell(request, 'error', { error });
    if (this.#server.listenerCount('conditionError') > 0) {
      emitSafely(this.#server, 'conditionError', error, request);
    } else {
      emitSafely(this.#server, 'error', error);
    }
  }

  #onAccepted(request: ConditionRequest, connected: ProviderConnection): void {
    let socket: Socket | undefined;
    try {
      socket = this.#host.onaccepted(connected);
    } catch (error) {
      // A property of the server has been set to a value that a socket rejects.
      connected.close(0);
      emitSafely(this.#server, 'error', error);
      return;
    }
    this.#tell(request, 'accept', { ...(socket && { socket }) });
    if (socket) this.#host.onconnection(socket);
  }

  #tell(
    request: ConditionRequest,
    verdict: Outcome,
    about?: { socket?: Socket; error?: unknown },
  ): void {
    this.#counters[counterOf[verdict]]++;
    if (debug.enabled) {
      debug('%s a caller from %o', verdict, request.callerId);
    }
    if (verdictChannel.hasSubscribers) {
      const server = this.#server;
      const duration = ageOf(request);
      verdictChannel.publish({ server, request, verdict, duration, ...about });
    }
  }
}

/**
 * A condition function's changes to its context (`enterWith`) would reach the
 * next one too: where hooks carry contexts, they are their resource's.
 */
function inOwnContext(
  this: Condition,
  server: ServerOwner,
  request: ConditionRequest,
): unknown {
  const resource = new AsyncResource('GOODBYTECONDITION');
  return resource.runInAsyncScope(this, server, request);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

/**
 * Whether an unusual caller, or many callers, can make a verdict unusable. That
 * must not be an `error` of the server: no outsider may end the process.
 */
function isOfCaller(
  status: Status,
  { sqos }: ConnectRequest,
  { data }: Verdict,
): boolean {
  switch (status) {
    case WSAENOBUFS:
      return true;
    case WSAEFAULT:
      return (data?.length ?? 0) <= MOST_USER_DATA;
    case WSAEOPNOTSUPP:
      return (
        sqos?.sending.serviceType === SERVICETYPE_GUARANTEED ||
        sqos?.receiving.serviceType === SERVICETYPE_GUARANTEED
      );
    default:
      return false;
  }
}

function detailOf(status: number, request: ConnectRequest): string {
  switch (status) {
    case WSAEFAULT:
      return `the data is longer than the ${request.calleeDataLimit} octets that the caller takes`;
    case WSAEOPNOTSUPP:
      return 'the quality of service cannot be met';
    case WSAENOBUFS:
      return 'too many callers wait for a verdict';
    default:
      return 'the verdict could not be carried out';
  }
}
