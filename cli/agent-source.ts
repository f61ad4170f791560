import { fileURLToPath } from 'node:url';
import {
  childAgent,
  connectingAgent,
  inProcessAgent,
  splitCommandLine,
  type AgentSource,
} from '../conformance/index.js';
import type { Io } from './io.js';
import { UsageError } from './usage-error.js';

interface AgentChoice {
  client?: string | undefined;
  server?: string | undefined;
  provider?: string | undefined;
  'in-process'?: boolean | undefined;
}

/** The source of a side's agent: from the options, or our own. */
export function agentSource(
  role: 'client' | 'server',
  choice: AgentChoice,
  { stderr }: Io,
): AgentSource {
  const { provider, 'in-process': inProcess } = choice;
  const line = choice[role];
  if (line === undefined) {
    if (inProcess) return inProcessAgent({ provider });
    const main = fileURLToPath(new URL('main.js', import.meta.url));
    const chosen = provider === undefined ? [] : ['--provider', provider];
    return childAgent(
      [process.execPath, main, 'conformance', 'agent', ...chosen],
      'own process',
    );
  }
  try {
    if (!line.startsWith('tcp:')) {
      return childAgent(splitCommandLine(line), line);
    }
    const rest = line.slice('tcp:'.length);
    return connectingAgent({
      command: rest.trim() === '' ? undefined : splitCommandLine(rest),
      onlistening(address, token) {
        if (rest.trim() !== '') return;
        stderr.write(
          `waiting for the ${role}'s agent: goodbyte conformance agent ` +
            `--connect ${address} --token ${token}\n`,
        );
      },
    });
  } catch (error) {
    throw new UsageError(`--${role}: ${(error as Error).message}`);
  }
}
