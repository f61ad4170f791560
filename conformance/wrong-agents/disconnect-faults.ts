import { SD_BOTH, SD_SEND } from '../../src/vocabulary/constants.js';
import {
  WSAEFAULT,
  WSAEMSGSIZE,
  WSAESHUTDOWN,
  WSAEWOULDBLOCK,
} from '../../src/vocabulary/error-codes.js';
import { libraryCalls } from '../agent/calls.js';
import type { AgentOptions } from '../agent/agent.js';
import { failing, replacing } from './wrap.js';

const real = libraryCalls;

/** Reports success and drops the data, as stubs of these calls do. */
function dropsDisconnectData(): AgentOptions {
  return replacing({
    WSASendDisconnect: (s) => real.WSASendDisconnect(s),
    setsockopt: (s, level, name, value) =>
      value instanceof Uint8Array ? 0 : real.setsockopt(s, level, name, value),
  });
}

/** Reports success and does nothing at all. */
function doesNotDisconnect(): AgentOptions {
  return replacing({ WSASendDisconnect: () => 0 });
}

/** Puts the data into the stream: send, then shutdown. */
function putsDataIntoTheStream(): AgentOptions {
  return replacing({
    WSASendDisconnect: (s, data) => {
      if (data?.length) real.WSASend(s, data);
      return real.shutdown(s, SD_SEND);
    },
  });
}

/** Sends what fits of a last word, and cuts the rest off. */
function truncatesDisconnectData(): AgentOptions {
  return replacing({
    WSASendDisconnect: (s, data) =>
      real.WSASendDisconnect(s, data?.subarray(0, 4000)),
  });
}

/**
 * Gives the part that fits into a small buffer, reports success, and loses the
 * rest.
 */
function truncatesIntoSmallBuffers(): AgentOptions {
  return replacing({
    WSARecvDisconnect: (s, buffer) => {
      if (!buffer) return real.WSARecvDisconnect(s);
      const whole = { buf: new Uint8Array(65_535), len: 65_535 };
      const code = real.WSARecvDisconnect(s, whole);
      if (code !== 0) return code;
      const fitting = Math.min(whole.len, buffer.len);
      buffer.buf.set(whole.buf.subarray(0, fitting));
      buffer.len = fitting;
      return 0;
    },
  });
}

/** Loses the data where the buffer was too small. */
function losesDataAtSmallBuffers(): AgentOptions {
  const lost = new WeakSet();
  return replacing({
    WSARecvDisconnect: (s, buffer) => {
      if (buffer && lost.has(s)) {
        buffer.len = 0;
        return 0;
      }
      const code = real.WSARecvDisconnect(s, buffer);
      if (code !== 0 && real.WSAGetLastError() === WSAEFAULT) lost.add(s);
      return code;
    },
  });
}

/** Gives the last word once. */
function readsOnce(): AgentOptions {
  const read = new WeakSet();
  return replacing({
    WSARecvDisconnect: (s, buffer) => {
      if (buffer && read.has(s)) {
        buffer.len = 0;
        return 0;
      }
      const code = real.WSARecvDisconnect(s, buffer);
      if (code === 0) read.add(s);
      return code;
    },
  });
}

/** Reports success before a last word has come, without data. */
function succeedsTooEarly(): AgentOptions {
  return replacing({
    WSARecvDisconnect: (s, buffer) => {
      const code = real.WSARecvDisconnect(s, buffer);
      if (code === 0 || real.WSAGetLastError() !== WSAEWOULDBLOCK) return code;
      if (buffer) buffer.len = 0;
      return 0;
    },
  });
}

/** Gives octets without a last word. */
function inventsLastWords(): AgentOptions {
  return replacing({
    WSARecvDisconnect: (s, buffer) => {
      const code = real.WSARecvDisconnect(s, buffer);
      if (code === 0 && buffer?.len === 0) buffer.len = 1;
      return code;
    },
  });
}

/** Takes a last word of any length for a broken connection. */
function abortsAtLongWords(): AgentOptions {
  return replacing({
    WSASendDisconnect: (s, data) => {
      const code = real.WSASendDisconnect(s, data);
      if (code !== 0 && real.WSAGetLastError() === WSAEMSGSIZE) {
        real.shutdown(s, SD_BOTH);
        return failing(WSAEMSGSIZE);
      }
      return code;
    },
  });
}

/** Fails a second WSASendDisconnect in every case. */
function failsTheSecond(): AgentOptions {
  const said = new WeakSet();
  return replacing({
    WSASendDisconnect: (s, data) => {
      if (said.has(s)) return failing(WSAESHUTDOWN);
      said.add(s);
      return real.WSASendDisconnect(s, data);
    },
  });
}

/** Reports success for every call after the last word. */
function talksAfterTheLastWord(): AgentOptions {
  return replacing({
    WSASendDisconnect: (s, data) => {
      const code = real.WSASendDisconnect(s, data);
      return code !== 0 && real.WSAGetLastError() === WSAESHUTDOWN ? 0 : code;
    },
    WSASend: (s, buffers, flags) => {
      const code = real.WSASend(s, buffers, flags);
      return code === -1 && real.WSAGetLastError() === WSAESHUTDOWN ? 1 : code;
    },
  });
}

/** Ends receiving together with sending. */
function endsBothDirections(): AgentOptions {
  return replacing({
    WSASendDisconnect: (s, data) => {
      const code = real.WSASendDisconnect(s, data);
      return code === 0 ? real.shutdown(s, SD_BOTH) : code;
    },
    shutdown: (s) => real.shutdown(s, SD_BOTH),
  });
}

/** Puts disconnect data into the stream of a plain peer. */
function tellsPlainPeers(): AgentOptions {
  return replacing({
    WSASendDisconnect: (s, data) =>
      real.WSASendDisconnect(s, data) === 0 ? 0 : real.shutdown(s, SD_SEND),
  });
}

/** Reports success when a call to end something has failed. */
function endsWithSuccess(): AgentOptions {
  return replacing({
    shutdown: (s, how) => {
      real.shutdown(s, how);
      return 0;
    },
    WSASendDisconnect: (s, data) => {
      real.WSASendDisconnect(s, data);
      return 0;
    },
  });
}

/** Reports success for shutdown, and shuts nothing down. */
function doesNotShutDown(): AgentOptions {
  return replacing({ shutdown: () => 0 });
}

export const disconnectFaults = {
  'drops-disconnect-data': dropsDisconnectData,
  'does-not-disconnect': doesNotDisconnect,
  'puts-data-into-the-stream': putsDataIntoTheStream,
  'truncates-disconnect-data': truncatesDisconnectData,
  'truncates-into-small-buffers': truncatesIntoSmallBuffers,
  'loses-data-at-small-buffers': losesDataAtSmallBuffers,
  'reads-once': readsOnce,
  'succeeds-too-early': succeedsTooEarly,
  'invents-last-words': inventsLastWords,
  'aborts-at-long-words': abortsAtLongWords,
  'fails-the-second': failsTheSecond,
  'talks-after-the-last-word': talksAfterTheLastWord,
  'ends-both-directions': endsBothDirections,
  'tells-plain-peers': tellsPlainPeers,
  'ends-with-success': endsWithSuccess,
  'does-not-shut-down': doesNotShutDown,
};
