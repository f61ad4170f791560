import { readFileSync } from 'node:fs';
import type { AgentOptions } from '../agent/agent.js';
import { packageFile } from '../package-file.js';
import { faults } from './faults.js';

export const faultNames: readonly string[] = Object.keys(faults);

/** The options that make an agent wrong in this way. */
export function findFault(name: string): AgentOptions | undefined {
  return Object.hasOwn(faults, name) ? faults[name]!() : undefined;
}

/** A wrong agent, and the side on which it is. */
export interface Culprit {
  role: 'client' | 'server';
  fault: string;
}

/** By scenario: wrong agents, each of which has to make it fail. */
export function loadCatches(): Map<string, Culprit[]> {
  const file = packageFile('conformance', 'wrong-agents', 'catches.json');
  const table = JSON.parse(readFileSync(file, 'utf8')) as Record<
    string,
    string[]
  >;
  return new Map(
    Object.entries(table).map(([id, culprits]) => [
      id,
      culprits.map((culprit) => {
        const [role, fault] = culprit.split(':');
        return { role: role as Culprit['role'], fault: fault! };
      }),
    ]),
  );
}
