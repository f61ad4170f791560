import { MSG_PEEK } from '../../src/vocabulary/constants.js';
import { libraryCalls } from '../agent/calls.js';
import type { AgentOptions } from '../agent/agent.js';
import { replacing } from './wrap.js';

const real = libraryCalls;

/** Does not report that a message continues. */
function hidesParts(): AgentOptions {
  return replacing({
    WSARecv: (s, buffers, flags) =>
      real.WSARecv(s, buffers, flags && { ...flags }),
  });
}

/** Removes data that it should only peek at. */
function takesAtAPeek(): AgentOptions {
  return replacing({
    WSARecv: (s, buffers, flags) => {
      if (flags) flags.flags &= ~MSG_PEEK;
      return real.WSARecv(s, buffers, flags);
    },
  });
}

/** Takes an empty message for nothing to send. */
function sendsNothingEmpty(): AgentOptions {
  return replacing({
    WSASend: (s, buffers, flags) =>
      buffers.length === 0 ? 0 : real.WSASend(s, buffers, flags),
  });
}

export const messageFaults = {
  'hides-parts': hidesParts,
  'takes-at-a-peek': takesAtAPeek,
  'sends-nothing-empty': sendsNothingEmpty,
};
