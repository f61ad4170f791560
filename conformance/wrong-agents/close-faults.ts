import {
  FD_CLOSE,
  FD_CLOSE_BIT,
  FD_READ,
  SOL_SOCKET,
  SO_LINGER,
} from '../../src/vocabulary/constants.js';
import {
  WSAEDISCON,
  WSAENOTSOCK,
  WSASYSCALLFAILURE,
} from '../../src/vocabulary/error-codes.js';
import { WSASetLastError } from '../../src/winsock/index.js';
import { libraryCalls } from '../agent/calls.js';
import type { AgentOptions } from '../agent/agent.js';
import { EventForger, failing, replacing } from './wrap.js';

const real = libraryCalls;

/** Closes abortively: RST, whatever is still on its way. */
function closesAbortively(): AgentOptions {
  return replacing({
    closesocket: (s) => {
      real.setsockopt(s, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
      return real.closesocket(s);
    },
  });
}

/** Loses unsent data at closesocket, including a last word. */
function dropsWhatIsQueued(): AgentOptions {
  const closed = new WeakSet();
  return replacing({
    WSASendDisconnect: (s, data) => {
      setImmediate(() => {
        if (!closed.has(s)) real.WSASendDisconnect(s, data);
      });
      return 0;
    },
    closesocket: (s) => {
      closed.add(s);
      real.setsockopt(s, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
      return real.closesocket(s);
    },
  });
}

/** Closes gracefully instead of aborting. */
function neverAborts(): AgentOptions {
  return replacing({
    setsockopt: (s, level, name, value) =>
      name === SO_LINGER ? 0 : real.setsockopt(s, level, name, value),
  });
}

/** Does not close, and reports success. */
function doesNotClose(): AgentOptions {
  return replacing({ closesocket: () => 0 });
}

/** Gives FD_CLOSE as soon as there is data to be read. */
function indicatesCloseBeforeData(): AgentOptions {
  const told = new WeakSet();
  const forger = new EventForger((socket, recorded) => {
    if ((recorded.networkEvents & FD_READ) === 0 || told.has(socket)) return;
    told.add(socket);
    recorded.networkEvents |= FD_CLOSE;
    recorded.errorCode[FD_CLOSE_BIT] = 0;
  });
  return { calls: forger.calls };
}

/** Gives FD_CLOSE twice. */
function indicatesCloseTwice(): AgentOptions {
  const told = new WeakSet();
  const forger = new EventForger((socket, recorded) => {
    if ((recorded.networkEvents & FD_CLOSE) === 0 || told.has(socket)) return;
    told.add(socket);
    forger.forge(socket, FD_CLOSE_BIT);
  });
  return { calls: forger.calls };
}

/** Never gives FD_CLOSE. */
function indicatesNoClose(): AgentOptions {
  const forger = new EventForger((_, recorded) => {
    recorded.networkEvents &= ~FD_CLOSE;
  });
  return { calls: forger.calls };
}

/** Gives FD_CLOSE to the side that has closed. */
function indicatesOwnClose(): AgentOptions {
  const forger = new EventForger();
  return {
    calls: {
      ...forger.calls,
      closesocket: (s) => {
        const code = real.closesocket(s);
        if (code === 0) forger.forge(s, FD_CLOSE_BIT);
        return code;
      },
    },
  };
}

/** Ends a stream with WSAEDISCON. */
function disconsOnStreams(): AgentOptions {
  return replacing({
    WSARecv: (s, buffers, flags) => {
      const code = real.WSARecv(s, buffers, flags);
      return code === 0 ? failing(WSAEDISCON) : code;
    },
  });
}

/** Ends a message-oriented socket as if it were a stream. */
function endsMessagesWithZero(): AgentOptions {
  return replacing({
    WSARecv: (s, buffers, flags) => {
      const code = real.WSARecv(s, buffers, flags);
      return code === -1 && real.WSAGetLastError() === WSAEDISCON ? 0 : code;
    },
  });
}

/** Sends each message in two. */
function splitsMessages(): AgentOptions {
  return replacing({
    WSASend: (s, buffers, flags) => {
      const octets =
        buffers instanceof Uint8Array ? buffers : Buffer.concat(buffers);
      if (octets.length < 2) return real.WSASend(s, octets, flags);
      real.WSASend(s, octets.subarray(0, 1), flags);
      const code = real.WSASend(s, octets.subarray(1), flags);
      return code === -1 ? code : octets.length;
    },
  });
}

/** Fails without a code of its own, as some default providers do. */
function failsWithoutACode(): AgentOptions {
  return replacing({
    WSAGetLastError: () =>
      real.WSAGetLastError() === 0 ? 0 : WSASYSCALLFAILURE,
  });
}

/** Takes a closed socket for one that works. */
function usesClosedSockets(): AgentOptions {
  const closed = new WeakSet();
  return replacing({
    closesocket: (s) => {
      const code = real.closesocket(s);
      closed.add(s);
      if (code === -1 && real.WSAGetLastError() === WSAENOTSOCK) {
        WSASetLastError(0);
        return 0;
      }
      return code;
    },
    WSASend: (s, buffers, flags) =>
      closed.has(s) ? 1 : real.WSASend(s, buffers, flags),
    WSASendDisconnect: (s, data) =>
      closed.has(s) ? 0 : real.WSASendDisconnect(s, data),
  });
}

export const closeFaults = {
  'closes-abortively': closesAbortively,
  'drops-what-is-queued': dropsWhatIsQueued,
  'never-aborts': neverAborts,
  'does-not-close': doesNotClose,
  'indicates-close-before-data': indicatesCloseBeforeData,
  'indicates-close-twice': indicatesCloseTwice,
  'indicates-no-close': indicatesNoClose,
  'indicates-own-close': indicatesOwnClose,
  'discons-on-streams': disconsOnStreams,
  'ends-messages-with-zero': endsMessagesWithZero,
  'splits-messages': splitsMessages,
  'fails-without-a-code': failsWithoutACode,
  'uses-closed-sockets': usesClosedSockets,
};
