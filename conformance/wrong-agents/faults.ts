import type { AgentOptions } from '../agent/agent.js';

/** Ways to be wrong, by name; each makes what an agent is given. */
export const faults: Readonly<Record<string, () => AgentOptions>> = {};
