import { fileURLToPath } from 'node:url';
import {
  AgentLost,
  childAgent,
  connectingAgent,
  DEFAULT_TIMEOUT,
  ExitCode,
  exitCodeOf,
  inProcessAgent,
  jobsFor,
  jsonReport,
  planRuns,
  runSuite,
  splitCommandLine,
  summarize,
  type AgentSource,
} from '../../conformance/index.js';
import { packageVersion } from '../../conformance/agent/agent.js';
import { coloursFor } from '../../conformance/report/colours.js';
import { rowName, TableReport } from '../../conformance/report/table.js';
import { checkProvider } from './agent-command.js';
import type { Io } from './io.js';
import { chooseScenarios, scenarioOptions } from './scenario-options.js';
import { endingChildren } from './signals.js';
import { parseOptions, UsageError, wholeNumber } from './usage-error.js';

/** `goodbyte conformance run` */
export async function runCommand(
  args: readonly string[],
  io: Io,
): Promise<number> {
  const options = parseOptions(args, {
    ...scenarioOptions,
    provider: { type: 'string' },
    client: { type: 'string' },
    server: { type: 'string' },
    'in-process': { type: 'boolean' },
    timeout: { type: 'string' },
    jobs: { type: 'string' },
    'max-orders': { type: 'string' },
    seed: { type: 'string' },
    strict: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  checkProvider(options.provider);
  const plan = {
    ...chooseScenarios(options),
    maxOrders: wholeNumber('max-orders', options['max-orders'], 1),
    seed: wholeNumber('seed', options.seed, 0),
  };
  const { runs } = planRuns(plan);
  const suite = {
    ...plan,
    jobs: wholeNumber('jobs', options.jobs, 1) ?? jobsFor(runs.length),
    client: agentSource('client', options, io),
    server: agentSource('server', options, io),
    timeout: wholeNumber('timeout', options.timeout, 1) ?? DEFAULT_TIMEOUT,
  };
  const version = packageVersion();
  const table = options.json
    ? undefined
    : new TableReport(coloursFor(io.stdout, io.env), (text) => {
        io.stdout.write(text);
      });
  table?.begin(
    `${version} on Node ${process.versions.node}, ` +
      `client ${suite.client.description}, server ${suite.server.description}`,
    runs.map(({ tested, orderName }) => ({
      scenario: rowName({ id: tested.name, family: tested.family }),
      order: orderName,
      indication: tested.scenario.indication ?? '',
    })),
  );
  try {
    const result = await endingChildren(() =>
      runSuite({ ...suite, onrun: (run) => table?.run(run) }),
    );
    table?.end(result);
    if (options.json) {
      const report = jsonReport(result, version);
      io.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
    }
    return exitCodeOf(summarize(result.runs), options.strict);
  } catch (error) {
    if (!(error instanceof AgentLost)) throw error;
    io.stderr.write(`goodbyte: ${error.message}\n`);
    return ExitCode.harnessBroke;
  }
}

interface AgentChoice {
  client?: string | undefined;
  server?: string | undefined;
  provider?: string | undefined;
  'in-process'?: boolean | undefined;
}

function agentSource(
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
