import type { AgentOptions } from '../agent/agent.js';
import { faults } from './faults.js';

export const faultNames: readonly string[] = Object.keys(faults);

/** What makes an agent wrong in this way. */
export function findFault(name: string): AgentOptions | undefined {
  return Object.hasOwn(faults, name) ? faults[name]!() : undefined;
}
