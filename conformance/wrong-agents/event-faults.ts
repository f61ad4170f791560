import {
  FD_ACCEPT_BIT,
  FD_CLOSE,
  FD_CLOSE_BIT,
  FD_READ,
  FD_WRITE,
} from '../../src/vocabulary/constants.js';
import {
  WSAECONNRESET,
  WSAENETRESET,
  WSATRY_AGAIN,
} from '../../src/vocabulary/error-codes.js';
import { INVALID_SOCKET } from '../../src/winsock/index.js';
import { libraryCalls } from '../agent/calls.js';
import type { AgentOptions } from '../agent/agent.js';
import { EventForger, replacing } from './wrap.js';

const real = libraryCalls;

/** Takes every end of a connection for a graceful one. */
function takesResetsForEnds(): AgentOptions {
  const forger = new EventForger((_, recorded) => {
    if ((recorded.networkEvents & FD_CLOSE) !== 0) {
      recorded.errorCode[FD_CLOSE_BIT] = 0;
    }
  });
  return {
    calls: {
      ...forger.calls,
      WSARecv: (s, buffers, flags) => {
        const code = real.WSARecv(s, buffers, flags);
        return code === -1 && real.WSAGetLastError() === WSAECONNRESET
          ? 0
          : code;
      },
    },
  };
}

/** Reports the end of a connection as data to read. */
function indicatesReadAtTheEnd(): AgentOptions {
  const forger = new EventForger((_, recorded) => {
    if ((recorded.networkEvents & FD_CLOSE) === 0) return;
    recorded.networkEvents |= FD_READ;
    recorded.errorCode[0] = 0;
  });
  return { calls: forger.calls };
}

/** Gives FD_READ once in the life of a socket. */
function indicatesReadOnce(): AgentOptions {
  const told = new WeakSet();
  const forger = new EventForger((socket, recorded) => {
    if ((recorded.networkEvents & FD_READ) === 0) return;
    if (told.has(socket)) recorded.networkEvents &= ~FD_READ;
    told.add(socket);
  });
  return { calls: forger.calls };
}

/** Never gives FD_WRITE. */
function indicatesNoWrite(): AgentOptions {
  const forger = new EventForger((_, recorded) => {
    recorded.networkEvents &= ~FD_WRITE;
  });
  return { calls: forger.calls };
}

/** Gives FD_ACCEPT again for a caller that was deferred. */
function indicatesTheDeferred(): AgentOptions {
  const forger = new EventForger();
  return {
    calls: {
      ...forger.calls,
      WSAAccept: (s, ...rest) => {
        const accepted = real.WSAAccept(s, ...rest);
        if (
          accepted === INVALID_SOCKET &&
          real.WSAGetLastError() === WSATRY_AGAIN
        ) {
          forger.forge(s, FD_ACCEPT_BIT);
        }
        return accepted;
      },
    },
  };
}

/** Gives up a connection that has received nothing yet. */
function givesUpTheSilent(): AgentOptions {
  const forger = new EventForger();
  return {
    calls: {
      ...forger.calls,
      WSAEventSelect: (s, event, mask) => {
        const code = forger.calls.WSAEventSelect(s, event, mask);
        forger.forge(s, FD_CLOSE_BIT, WSAENETRESET);
        return code;
      },
    },
  };
}

/** Leaves an accepted socket without an event selection. */
function selectsNothing(): AgentOptions {
  return replacing({
    WSAAccept: (...args) => {
      const accepted = real.WSAAccept(...args);
      if (accepted !== INVALID_SOCKET) real.WSAEventSelect(accepted, null, 0);
      return accepted;
    },
  });
}

export const eventFaults = {
  'takes-resets-for-ends': takesResetsForEnds,
  'indicates-read-at-the-end': indicatesReadAtTheEnd,
  'indicates-read-once': indicatesReadOnce,
  'indicates-no-write': indicatesNoWrite,
  'indicates-the-deferred': indicatesTheDeferred,
  'gives-up-the-silent': givesUpTheSilent,
  'selects-nothing': selectsNothing,
};
