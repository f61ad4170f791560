import { CF_REJECT } from '../../src/vocabulary/constants.js';
import { libraryCalls } from '../agent/calls.js';
import type { AgentOptions } from '../agent/agent.js';
import { replacing } from './wrap.js';

const real = libraryCalls;

/** Receives no number beside data. */
function dropsCodes(): AgentOptions {
  return replacing({
    receivedCodes: () => ({
      disconnect: undefined,
      reject: undefined,
      reset: undefined,
      mayRepeat: undefined,
    }),
  });
}

/** Takes an absent number for 0, as in a cleared structure. */
function inventsCodes(): AgentOptions {
  return replacing({
    receivedCodes: (s) => {
      const {
        disconnect = 0,
        reject = 0,
        reset = 0,
        mayRepeat,
      } = real.receivedCodes(s);
      return { disconnect, reject, reset, mayRepeat };
    },
  });
}

/** Sends no number beside data. */
function saysNoCodes(): AgentOptions {
  return replacing({
    setCode: () => 0,
    WSAAccept: (s, addr, condition, callbackData) =>
      real.WSAAccept(
        s,
        addr,
        condition &&
          ((...args) => {
            const verdict = condition(...args);
            if (verdict === CF_REJECT) {
              const [, , , , , calleeData] = args;
              Object.assign(calleeData, {
                code: undefined,
                mayRepeat: undefined,
              });
            }
            return verdict;
          }),
        callbackData,
      ),
  });
}

/** Announces a number, and does not send it. */
function emptiesNotices(): AgentOptions {
  return replacing({
    sendNotice: (s) => real.sendNotice(s, undefined, undefined),
  });
}

/** Sends what fits of a notice, and cuts the rest off. */
function truncatesNotices(): AgentOptions {
  return replacing({
    sendNotice: (s, data, code) =>
      real.sendNotice(s, data?.subarray(0, 4000), code),
  });
}

/** Reports success, whatever happens to a notice. */
function notifiesWhenever(): AgentOptions {
  return replacing({
    sendNotice: (s, data, code) => {
      real.sendNotice(s, data, code);
      return 0;
    },
  });
}

export const codeFaults = {
  'drops-codes': dropsCodes,
  'invents-codes': inventsCodes,
  'says-no-codes': saysNoCodes,
  'empties-notices': emptiesNotices,
  'truncates-notices': truncatesNotices,
  'notifies-whenever': notifiesWhenever,
};
