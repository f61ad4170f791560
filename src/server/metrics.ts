import type { WinsockError } from '../errors.js';
import type { ListenerStatistics } from '../provider/provider.js';
import type { Ending } from '../socket/home.js';

/**
 * Counts for a server's operator. Each accepted connection is one of
 * `connections`, `ended`, `closed`, `failed` and `aborted`.
 */
export interface ServerMetrics {
  // Now

  /** Open connections. */
  connections: number;
  /** Handshakes under way. */
  pending: number;
  /** Callers waiting for an asynchronous verdict. */
  deferred: number;
  /** Closed connections that still send or wait for the peer. */
  lingering: number;
  /** Connections that a `drain()` under way still waits for. */
  draining: number;

  // Since the server was made

  /** Verdicts, by kind. */
  accepted: number;
  rejected: number;
  /** Callers that left, or waited too long, before their verdict. */
  withdrawn: number;
  /** Callers that were refused because their condition or verdict failed. */
  conditionErrors: number;
  /** Callers that the blockList or maxConnections refused; also `rejected`. */
  dropped: number;

  /** Events `handshakeError`. */
  handshakeErrors: number;
  /** Of these, too slow, or too many at once. */
  handshakeTimeouts: number;
  overLimit: number;
  /** Connections closed before their first octet (health checks). */
  probes: number;

  /** Connections that both sides ended with a last word. */
  ended: number;
  /** Of these, peers whose last word had data. */
  answered: number;
  /** Connections closed here before the peer's last word was read. */
  closed: number;
  /** Connections broken by the peer or on the way. */
  failed: number;
  /** Of these, connections that ended without the peer's last word. */
  cut: number;
  /** And connections whose peer was silent for too long (`idleTimeout`). */
  timedOut: number;
  /** Connections aborted here: a reset, a deadline. */
  aborted: number;
  /** Closed connections that were cut off while they lingered. */
  lingeringCut: number;

  /** Last words, with or without data. */
  wordsSent: number;
  wordsReceived: number;
  /** Our last words with data that may not have reached the peer. */
  wordsLost: number;

  /** Octets of the application, without framing. */
  bytesRead: number;
  bytesWritten: number;
}

/** Members that only grow. */
export type Counters = Omit<
  ServerMetrics,
  'connections' | 'pending' | 'deferred' | 'lingering' | 'draining'
>;

export function newCounters(): Counters {
  return {
    accepted: 0,
    rejected: 0,
    withdrawn: 0,
    conditionErrors: 0,
    dropped: 0,
    handshakeErrors: 0,
    handshakeTimeouts: 0,
    overLimit: 0,
    probes: 0,
    ended: 0,
    answered: 0,
    closed: 0,
    failed: 0,
    cut: 0,
    timedOut: 0,
    aborted: 0,
    lingeringCut: 0,
    wordsSent: 0,
    wordsReceived: 0,
    wordsLost: 0,
    bytesRead: 0,
    bytesWritten: 0,
  };
}

/** A listener has closed, or is counted alone: its numbers are added. */
export function addStatistics(
  counters: Counters,
  statistics: ListenerStatistics | undefined,
): void {
  if (!statistics) return;
  counters.handshakeTimeouts += statistics.handshakeTimeouts;
  counters.overLimit += statistics.overLimit;
  counters.probes += statistics.probes;
}

export function countEnding(
  counters: Counters,
  ending: Ending,
  error: Error | null,
): void {
  counters[ending]++;
  if (ending !== 'failed') return;
  const { violation, code } = (error ?? {}) as Partial<WinsockError>;
  if (violation === 'cut') counters.cut++;
  if (code === 'ETIMEDOUT') counters.timedOut++;
}
