import type {
  Case,
  Family,
  Level,
  Role,
  SocketType,
  VerdictLevel,
} from '../scenario/types.js';
import type { Hello } from '../protocol/messages.js';
import type { AgentLink } from './agent-link.js';
import { inProcessAgent, Seat, type AgentSource } from './agent-source.js';
import { undeclared, weigh } from './honesty.js';
import { within } from './limit.js';
import { planRuns, type PlannedRun, type PlanOptions } from './plan.js';
import { execute } from './run-case.js';
import type { TranscriptEntry } from './transcript.js';
import { gravest, judge, type Finding } from './verdict.js';

export interface SuiteOptions extends PlanOptions {
  client: AgentSource;
  server: AgentSource;
  /** Milliseconds for each step, and for starting an agent. */
  timeout?: number | undefined;
  onrun?: ((run: RunResult) => void) | undefined;
}

/** What one run of one case came to. */
export interface RunResult {
  id: string;
  title: string;
  level: Level;
  family: Family;
  socketType: SocketType;
  parameters: Record<string, string | number>;
  /** `forced`: in one of the orders; `free`: as the agents came to it. */
  mode: 'forced' | 'free';
  /** What is in another order elsewhere; '' where there is only one. */
  order: string;
  indication: string | null;
  /** The graver one of the two. */
  verdict: VerdictLevel;
  data: VerdictLevel | null;
  teardown: VerdictLevel | null;
  milliseconds: number;
  findings: Finding[];
  warnings: string[];
  transcript: TranscriptEntry[];
}

export interface AgentDescription {
  description: string;
  agent: string;
  system: string;
  provider: string;
  protocols: Hello['protocols'];
}

export interface SuiteResult {
  client: AgentDescription | null;
  server: AgentDescription | null;
  runs: RunResult[];
  milliseconds: number;
  seed: number;
  /** Scenarios of which not every order was forced. */
  sampled: string[];
}

export const DEFAULT_TIMEOUT = 10_000;

/** Runs scenarios with a client and a server, one after the other. */
export async function runSuite(options: SuiteOptions): Promise<SuiteResult> {
  const suite = new Suite(options);
  try {
    return await suite.run();
  } finally {
    await suite.stop();
  }
}

class Suite {
  readonly #options: SuiteOptions;
  readonly #limit: number;
  readonly #seats: Record<Role, Seat>;
  readonly #hellos = new Map<Role, Hello>();
  readonly #runs: RunResult[] = [];

  constructor(options: SuiteOptions) {
    this.#options = options;
    this.#limit = options.timeout ?? DEFAULT_TIMEOUT;
    const seat = (source: AgentSource) => new Seat(source, this.#limit);
    this.#seats = {
      client: seat(options.client),
      server: seat(options.server),
      peer: seat(inProcessAgent()),
    };
  }

  async run(): Promise<SuiteResult> {
    const started = performance.now();
    const { runs, sampled } = planRuns(this.#options);
    for (const planned of runs) await this.#runOnce(planned);
    return {
      client: this.#describe('client'),
      server: this.#describe('server'),
      runs: this.#runs,
      milliseconds: Math.round(performance.now() - started),
      seed: this.#options.seed ?? 1,
      sampled,
    };
  }

  async stop(): Promise<void> {
    await Promise.all(
      Object.values(this.#seats).map((seat) => seat.source.stop()),
    );
  }

  #describe(role: Role): AgentDescription | null {
    const hello = this.#hellos.get(role);
    if (!hello) return null;
    const { agent, system, provider, protocols } = hello;
    const { description } = this.#seats[role].source;
    return { description, agent, system, provider, protocols };
  }

  async #runOnce({ tested, order, orderName }: PlannedRun): Promise<void> {
    const links = await this.#links(tested);
    const execution = await execute(tested, order, links, this.#limit);
    const hellos = [...links.values()].map(({ hello }) => hello);
    const weighed = weigh(judge(tested, execution), undeclared(tested, hellos));
    await this.#endRun(links);
    const { scenario } = tested;
    const run: RunResult = {
      id: tested.name,
      title: scenario.title,
      level: scenario.level,
      family: tested.family,
      socketType: tested.socketType,
      parameters: tested.parameters,
      mode: order === 'free' ? 'free' : 'forced',
      order: orderName,
      indication: scenario.indication ?? null,
      verdict: gravest([weighed.data, weighed.teardown]) ?? 'FAILED',
      data: weighed.data,
      teardown: weighed.teardown,
      milliseconds: execution.milliseconds,
      findings: weighed.findings,
      warnings: weighed.warnings,
      transcript: execution.transcript.entries,
    };
    this.#runs.push(run);
    this.#options.onrun?.(run);
  }

  async #links(tested: Case): Promise<Map<Role, AgentLink>> {
    const roles = new Set(tested.steps.map(({ agent }) => agent));
    const links = new Map<Role, AgentLink>();
    for (const role of roles) {
      const link = await this.#seats[role].link();
      links.set(role, link);
      this.#hellos.set(role, link.hello);
    }
    return links;
  }

  /** An agent that does not clean up in time is replaced. */
  async #endRun(links: ReadonlyMap<Role, AgentLink>): Promise<void> {
    await Promise.all(
      [...links].map(async ([role, link]) => {
        link.onindication = undefined;
        try {
          await within(link.end(), this.#limit, 'the run did not end');
        } catch {
          await this.#seats[role].replace();
        }
      }),
    );
  }
}
