import {
  CF_ACCEPT,
  CF_DEFER,
  CF_REJECT,
  FD_ACCEPT,
  FD_CONNECT,
  FD_CONNECT_BIT,
} from '../../src/vocabulary/constants.js';
import {
  WSAECONNREFUSED,
  WSAEFAULT,
  WSAEWOULDBLOCK,
  WSATRY_AGAIN,
} from '../../src/vocabulary/error-codes.js';
import {
  INVALID_SOCKET,
  WSASetLastError,
  type ConditionFunction,
} from '../../src/winsock/index.js';
import { libraryCalls } from '../agent/calls.js';
import type { AgentOptions } from '../agent/agent.js';
import { EventForger, failing, replacing } from './wrap.js';

const real = libraryCalls;

/** WSAAccept with a condition function's arguments, or results, changed. */
function withCondition(
  change: (condition: ConditionFunction) => ConditionFunction,
): AgentOptions {
  return replacing({
    WSAAccept: (s, addr, condition, data) =>
      real.WSAAccept(s, addr, condition && change(condition), data),
  });
}

/** Succeeds, and leaves the caller data out. */
function dropsCallerData(): AgentOptions {
  return replacing({
    WSAConnect: (s, name, _callerData, ...rest) =>
      real.WSAConnect(s, name, null, ...rest),
    setsockopt: (s, level, name, value) =>
      value instanceof Uint8Array ? 0 : real.setsockopt(s, level, name, value),
  });
}

/** Sends what fits of too much caller data. */
function truncatesCallerData(): AgentOptions {
  return replacing({
    WSAConnect: (s, name, callerData, ...rest) =>
      real.WSAConnect(s, name, callerData?.subarray(0, 4000), ...rest),
  });
}

/** Succeeds, and leaves callee and reject data out. */
function dropsCalleeData(): AgentOptions {
  return withCondition((condition) => (...args) => {
    const verdict = condition(...args);
    args[5].len = 0;
    return verdict;
  });
}

/** Gives the condition function no caller data. */
function hidesCallerData(): AgentOptions {
  return withCondition(
    (condition) =>
      (id, _data, ...rest) =>
        condition(id, null, ...rest),
  );
}

/** Gives the condition function caller data that nobody sent. */
function inventsCallerData(): AgentOptions {
  return withCondition(
    (condition) =>
      (id, data, ...rest) =>
        condition(id, data ?? new Uint8Array(1), ...rest),
  );
}

/** Takes the connection as soon as TCP is: "connected". */
function connectsBeforeTheVerdict(): AgentOptions {
  const forger = new EventForger((_, recorded) => {
    recorded.networkEvents &= ~FD_CONNECT;
  });
  return {
    calls: {
      ...forger.calls,
      WSAConnect: (s, ...rest) => {
        const code = real.WSAConnect(s, ...rest);
        if (real.WSAGetLastError() === WSAEWOULDBLOCK) {
          forger.forge(s, FD_CONNECT_BIT);
        }
        return code;
      },
    },
  };
}

/** Accepts, closes, and reports a rejection (TCP's own accept). */
function swallowsReject(): AgentOptions {
  return replacing({
    WSAAccept: (s, addr, condition, data) => {
      let rejected = false;
      const accepted = real.WSAAccept(
        s,
        addr,
        condition &&
          ((...args) => {
            const verdict = condition(...args);
            rejected = verdict === CF_REJECT;
            return rejected ? CF_ACCEPT : verdict;
          }),
        data,
      );
      if (!rejected || accepted === INVALID_SOCKET) return accepted;
      real.closesocket(accepted);
      WSASetLastError(WSAECONNREFUSED);
      return INVALID_SOCKET;
    },
  });
}

/** Takes CF_DEFER for CF_REJECT. */
function rejectsTheDeferred(): AgentOptions {
  return withCondition((condition) => (...args) => {
    const verdict = condition(...args);
    return verdict === CF_DEFER ? CF_REJECT : verdict;
  });
}

/** Takes CF_DEFER, and any invalid verdict, for CF_ACCEPT. */
function acceptsEverybody(): AgentOptions {
  return withCondition((condition) => (...args) => {
    condition(...args);
    return CF_ACCEPT;
  });
}

/** Forgets a deferred caller's data. */
function forgetsTheDeferred(): AgentOptions {
  let deferred = false;
  return withCondition((condition) => (id, data, ...rest) => {
    const verdict = condition(id, deferred ? null : data, ...rest);
    deferred = verdict === CF_DEFER;
    return verdict;
  });
}

/** Reports a caller that has left as deferred, again and again. */
function keepsTheGone(): AgentOptions {
  return replacing({
    WSAAccept: (s, addr, condition, data) => {
      const accepted = real.WSAAccept(s, addr, condition, data);
      if (
        accepted === INVALID_SOCKET &&
        real.WSAGetLastError() !== WSAEWOULDBLOCK
      ) {
        WSASetLastError(WSATRY_AGAIN);
      }
      return accepted;
    },
  });
}

/** Reports each failed connect as a success. */
function connectsToAnybody(): AgentOptions {
  const forger = new EventForger((_, recorded) => {
    if ((recorded.networkEvents & FD_CONNECT) !== 0) {
      recorded.errorCode[FD_CONNECT_BIT] = 0;
    }
  });
  return { calls: forger.calls };
}

/** Accepts plain peers without `allowPlain`. */
function takesPlainPeers(): AgentOptions {
  return replacing({
    WSASocket: (af, type, protocol, info, options) =>
      real.WSASocket(af, type, protocol, info, {
        ...options,
        allowPlain: true,
      }),
  });
}

/** Waits without a limit. */
function neverTimesOut(): AgentOptions {
  return replacing({
    WSASocket: (af, type, protocol, info) =>
      real.WSASocket(af, type, protocol, info, {
        connectTimeout: 0,
        handshakeTimeout: 0,
      }),
  });
}

/** Reports a request that does not exist. */
function announcesNobody(): AgentOptions {
  const forger = new EventForger();
  return {
    calls: {
      ...forger.calls,
      listen: async (s, backlog) => {
        const code = await real.listen(s, backlog);
        forger.forge(s, Math.log2(FD_ACCEPT));
        return code;
      },
    },
  };
}

/** Gives up a socket whose first connect has failed. */
function connectsOnlyOnce(): AgentOptions {
  const used = new WeakSet();
  return replacing({
    WSAConnect: (s, ...rest) => {
      if (used.has(s)) return failing(WSAEFAULT);
      used.add(s);
      return real.WSAConnect(s, ...rest);
    },
  });
}

/** Reports a connect as under way whatever its arguments. */
function connectsAnywhere(): AgentOptions {
  return replacing({
    WSAConnect: (s, ...rest) => {
      real.WSAConnect(s, ...rest);
      return failing(WSAEWOULDBLOCK);
    },
  });
}

/** Succeeds, and takes no callee data. */
function takesNoCalleeData(): AgentOptions {
  return replacing({
    WSAConnect: (s, name, callerData, _calleeData, ...rest) =>
      real.WSAConnect(s, name, callerData, null, ...rest),
  });
}

/** Sends caller data in the stream, once connected. */
function saysItInTheStream(): AgentOptions {
  const said = new WeakMap<object, Uint8Array>();
  const forger = new EventForger((socket, recorded) => {
    const data = said.get(socket);
    if (data && (recorded.networkEvents & FD_CONNECT) !== 0) {
      real.WSASend(socket, data);
    }
  });
  return {
    calls: {
      ...forger.calls,
      WSAConnect: (s, name, callerData, ...rest) => {
        if (callerData) said.set(s, callerData);
        return real.WSAConnect(s, name, null, ...rest);
      },
    },
  };
}

/** Gives the condition function addresses of no known family. */
function mistakesTheEnds(): AgentOptions {
  return withCondition(
    (condition) =>
      (callerId, data, sqos, gqos, calleeId, ...rest) =>
        condition(
          { ...callerId, family: 0 },
          data,
          sqos,
          gqos,
          { ...calleeId, family: 0 },
          ...rest,
        ),
  );
}

export const connectFaults = {
  'drops-caller-data': dropsCallerData,
  'truncates-caller-data': truncatesCallerData,
  'drops-callee-data': dropsCalleeData,
  'hides-caller-data': hidesCallerData,
  'invents-caller-data': inventsCallerData,
  'connects-before-the-verdict': connectsBeforeTheVerdict,
  'swallows-reject': swallowsReject,
  'rejects-the-deferred': rejectsTheDeferred,
  'accepts-everybody': acceptsEverybody,
  'forgets-the-deferred': forgetsTheDeferred,
  'keeps-the-gone': keepsTheGone,
  'connects-to-anybody': connectsToAnybody,
  'takes-plain-peers': takesPlainPeers,
  'never-times-out': neverTimesOut,
  'announces-nobody': announcesNobody,
  'connects-only-once': connectsOnlyOnce,
  'connects-anywhere': connectsAnywhere,
  'takes-no-callee-data': takesNoCalleeData,
  'says-it-in-the-stream': saysItInTheStream,
  'mistakes-the-ends': mistakesTheEnds,
};
