import type { AgentOptions } from '../agent/agent.js';
import { closeFaults } from './close-faults.js';
import { codeFaults } from './code-faults.js';
import { connectFaults } from './connect-faults.js';
import { disconnectFaults } from './disconnect-faults.js';
import { eventFaults } from './event-faults.js';
import { messageFaults } from './message-faults.js';
import { optionFaults } from './option-faults.js';
import { wireFaults } from './wire-faults.js';

/** Faults by name; each makes an agent's options. */
export const faults: Readonly<Record<string, () => AgentOptions>> = {
  ...connectFaults,
  ...disconnectFaults,
  ...closeFaults,
  ...codeFaults,
  ...eventFaults,
  ...messageFaults,
  ...optionFaults,
  ...wireFaults,
  'hangs-in-connect': () => ({ hanging: ['WSAConnect'] }),
  'hangs-in-accept': () => ({ hanging: ['WSAAccept'] }),
  'hangs-in-disconnect': () => ({
    hanging: ['WSASendDisconnect', 'WSASendDisconnect+closesocket'],
  }),
  'knows-no-disconnect': () => ({
    without: ['WSASendDisconnect', 'WSARecvDisconnect'],
  }),
};
