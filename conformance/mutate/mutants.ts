import { CF_DEFER, CF_REJECT } from '../../src/vocabulary/constants.js';
import {
  WSAESHUTDOWN,
  WSAEWOULDBLOCK,
} from '../../src/vocabulary/error-codes.js';
import {
  lifecycle,
  type Cell,
  type Input,
  type State,
} from '../../src/provider/framed/lifecycle.js';
import { FramedListener } from '../../src/provider/framed/listener.js';
import { FramedConnection } from '../../src/provider/framed/connection.js';
import { StreamTransport } from '../../src/provider/framed/stream/transport.js';
import { Inbox } from '../../src/provider/inbox.js';

/** A mistake in the library itself, which scenarios have to catch. */
export interface Mutant {
  /** The mistake, in words. */
  readonly what: string;
  /** The scenarios to try, as a glob. */
  readonly by: string;
  /** The reason that no scenario can catch it. */
  readonly unnoticed?: string;
  /** Applies the mistake to this process, permanently. */
  apply(): void;
}

const table = lifecycle as Record<State, Record<Input, Cell>>;

/** Changes the cells of one input in some states. */
function change(
  froms: readonly State[],
  input: Input,
  changed: Partial<Cell>,
): void {
  for (const from of froms) {
    table[from][input] = { ...table[from][input], ...changed };
  }
}

/** Replaces a method by one that receives the old one. */
function wrap<T extends object, Name extends keyof T>(
  prototype: T,
  name: Name,
  wrapper: (original: T[Name]) => T[Name],
): void {
  prototype[name] = wrapper(prototype[name]);
}

/** Milliseconds after which a run's steps have moved on. */
const LATER = 50;

const sending: readonly State[] = ['open', 'halfClosedRemote', 'finReceived'];
const shut: readonly State[] = ['halfClosedLocal', 'answered', 'ended'];
const receiving: readonly State[] = ['open', 'halfClosedLocal'];

function lingerWithoutDraining(this: StreamTransport): void {
  this.stream.pause();
  this.sendFin(() => {
    this.stream.destroy();
  });
}

/** By name. */
export const mutants: Readonly<Record<string, Mutant>> = {
  'close-resets': {
    what: 'closesocket resets the connection',
    by: 'close/*',
    apply() {
      change([...sending, ...shut], 'close', {
        to: 'closed',
        actions: ['reset'],
      });
    },
  },
  'close-says-nothing': {
    what: 'closesocket forgets the connection and says nothing',
    by: 'close/*',
    apply() {
      change(sending, 'close', { actions: [] });
    },
  },
  'aborts-in-order': {
    what: 'an abort ends the connection in order',
    by: 'close/linger-zero',
    apply() {
      change(sending, 'abort', {
        to: 'lingering',
        actions: ['sendLastWord', 'linger'],
      });
    },
  },
  'lingers-without-draining': {
    what: 'closesocket closes before the peer has ended, with octets unread',
    by: 'close/unread-inbound',
    unnoticed:
      'on the loopback a peer has read all before the reset is there; ' +
      'the model finds it (closes-without-draining)',
    apply() {
      StreamTransport.prototype.linger = lingerWithoutDraining;
    },
  },
  'data-behind-the-last-word': {
    what: 'what was queued goes out behind DISCONNECT, which is too late',
    by: 'close/*',
    apply() {
      wrap(
        StreamTransport.prototype,
        'sendData',
        (original) =>
          function sendData(this: StreamTransport, ...args) {
            setTimeout(() => {
              original.apply(this, args);
            }, LATER);
            return false;
          },
      );
    },
  },
  'last-word-is-lost': {
    what: 'the peer’s last word is not kept',
    by: 'disconnect-data/*',
    apply() {
      wrap(
        Inbox.prototype,
        'hearClose',
        (original) =>
          function hearClose(this: Inbox, status) {
            original.call(this, status);
          },
      );
    },
  },
  'last-word-once': {
    what: 'the last word can be read once only',
    by: 'disconnect-data/read-twice',
    apply() {
      const read = new WeakSet<Inbox>();
      wrap(
        Inbox.prototype,
        'receiveDisconnect',
        (original) =>
          function receiveDisconnect(this: Inbox, capacity) {
            const word = original.call(this, capacity);
            if (!(word instanceof Uint8Array)) return word;
            if (read.has(this)) return undefined;
            read.add(this);
            return word;
          },
      );
    },
  },
  'last-word-is-cut': {
    what: 'a last word is cut to the buffer that it is read into',
    by: 'disconnect-data/small-buffer',
    apply() {
      wrap(
        Inbox.prototype,
        'receiveDisconnect',
        (original) =>
          function receiveDisconnect(this: Inbox, capacity) {
            const word = original.call(this, Number.POSITIVE_INFINITY);
            return word instanceof Uint8Array
              ? word.subarray(0, capacity)
              : word;
          },
      );
    },
  },
  'last-word-before-its-time': {
    what: 'WSARecvDisconnect before the close indication says "none"',
    by: 'disconnect-data/too-early',
    apply() {
      wrap(
        Inbox.prototype,
        'receiveDisconnect',
        (original) =>
          function receiveDisconnect(this: Inbox, capacity) {
            const word = original.call(this, capacity);
            return word === WSAEWOULDBLOCK ? undefined : word;
          },
      );
    },
  },
  'last-word-of-any-length': {
    what: 'a last word is sent that is longer than the peer takes',
    by: 'disconnect-data/too-long',
    apply() {
      Object.defineProperty(FramedConnection.prototype, 'disconnectDataLimit', {
        get: () => 65_535,
      });
    },
  },
  'second-last-word': {
    what: 'a second last word is taken, and dropped',
    by: 'disconnect-data/second-with-data',
    apply() {
      change(shut, 'disconnectWithData', { status: 0 });
    },
  },
  'second-disconnect-fails': {
    what: 'a second WSASendDisconnect without data fails',
    by: 'disconnect-data/second-without-data',
    apply() {
      change(shut, 'disconnect', { status: WSAESHUTDOWN });
    },
  },
  'sends-after-the-last-word': {
    what: 'sending goes on after WSASendDisconnect, into nothing',
    by: 'disconnect-data/send-after',
    apply() {
      change(shut, 'send', { status: 0 });
    },
  },
  'closed-to-both-sides': {
    what: 'with the peer’s last word one’s own direction is over too',
    by: 'eight-steps/*',
    apply() {
      change(['open'], 'disconnectFrame', { to: 'ended' });
    },
  },
  'indicates-close-twice': {
    what: 'FD_CLOSE is told twice',
    by: 'close/one-indication',
    unnoticed:
      'WSAEventSelect records FD_CLOSE once, whatever a provider tells',
    apply() {
      wrap(
        FramedConnection.prototype,
        'onClosed',
        (original) =>
          function onClosed(this: FramedConnection, status) {
            original.call(this, status);
            // A second one in the same tick would be the same record.
            setImmediate(() => {
              original.call(this, status);
            });
          },
      );
    },
  },
  'indicates-no-close': {
    what: 'FD_CLOSE is never told',
    by: 'close/one-indication',
    apply() {
      FramedConnection.prototype.onClosed = () => {};
    },
  },
  'indicates-close-before-data': {
    what: 'FD_CLOSE is told with the first data',
    by: 'close/after-all-data',
    apply() {
      wrap(
        FramedConnection.prototype,
        'onReadable',
        (original) =>
          function onReadable(this: FramedConnection) {
            this.onClosed(0);
            original.call(this);
          },
      );
    },
  },
  'resets-look-graceful': {
    what: 'a reset is told as an end in order',
    by: 'close/linger-zero',
    apply() {
      change(receiving, 'lost', {
        to: 'ended',
        actions: ['release', 'hearLastWord'],
      });
      change(receiving, 'resetFrame', {
        to: 'halfClosedRemote',
        actions: ['reset', 'hearLastWord'],
      });
    },
  },
  'rejects-by-a-reset': {
    what: 'a caller is rejected without a word',
    by: 'connect-data/reject-data',
    apply() {
      change(['offered'], 'reject', { to: 'closed', actions: ['reset'] });
    },
  },
  'accepts-what-it-rejects': {
    what: 'a caller that is rejected is accepted',
    by: 'conditional-accept/reject',
    apply() {
      wrap(
        FramedConnection.prototype,
        'decide',
        (original) =>
          function decide(this: FramedConnection, verdict) {
            return original.call(this, verdict, true);
          },
      );
    },
  },
  'callee-data-is-lost': {
    what: 'the callee data of a verdict is not sent',
    by: 'connect-data/callee-data',
    apply() {
      wrap(
        FramedConnection.prototype,
        'decide',
        (original) =>
          function decide(this: FramedConnection, verdict, accepts) {
            return original.call(
              this,
              { ...verdict, data: undefined },
              accepts,
            );
          },
      );
    },
  },
  'connects-before-the-verdict': {
    what: 'FD_CONNECT comes before the callee has decided',
    by: 'conditional-accept/connected-only-after-verdict',
    apply() {
      change(['calling'], 'preface', { actions: ['indicateConnected'] });
    },
  },
  'deferred-is-rejected': {
    what: 'a deferred request is rejected at once',
    by: 'conditional-accept/defer-then-accept',
    apply() {
      wrap(
        FramedListener.prototype,
        'accept',
        (original) =>
          function accept(this: FramedListener, decide, which) {
            return original.call(
              this,
              (request) => {
                const verdict = decide(request);
                return verdict.verdict === CF_DEFER
                  ? { verdict: CF_REJECT }
                  : verdict;
              },
              which,
            );
          },
      );
    },
  },
  'new-before-deferred': {
    what: 'new requests are offered before deferred ones',
    by: 'conditional-accept/deferred-first',
    apply() {
      wrap(
        FramedListener.prototype,
        'accept',
        (original) =>
          function accept(this: FramedListener, decide, which) {
            return original.call(this, decide, which ?? 'new');
          },
      );
    },
  },
  'keeps-the-withdrawn': {
    what: 'a caller that has left is not noticed',
    by: 'conditional-accept/caller-leaves',
    apply() {
      change(['offered'], 'lost', { actions: ['release'] });
      change(['offered'], 'end', { actions: ['reset'] });
    },
  },
  'forgives-violations': {
    what: 'octets that are no framing are passed over',
    by: 'plain-peer/*',
    apply() {
      StreamTransport.prototype.onViolation = () => {};
    },
  },
  'never-times-out': {
    what: 'a handshake has no time limit',
    by: 'plain-peer/silent-*',
    apply() {
      const handshaking: readonly State[] = [
        'dialing',
        'calling',
        'ringing',
        'waiting',
        'greeted',
      ];
      for (const from of handshaking) {
        change([from], 'timeout', { to: from, actions: [] });
      }
    },
  },
};
