import type { Hello } from '../protocol/messages.js';
import type { Role } from '../scenario/types.js';
import { AgentLost, type AgentLink } from './agent-link.js';
import { inProcessAgent, Seat, type AgentSource } from './agent-source.js';
import { lacking, notRun, undeclared, weigh } from './honesty.js';
import { within } from './limit.js';
import type { PlannedRun } from './plan.js';
import type { RunResult } from './result.js';
import { execute } from './run-case.js';
import type { TranscriptEntry } from './transcript.js';
import { gravest, judge, lostAtEnd, type Verdicts } from './verdict.js';

/** The source of each role's agents. */
export type Sources = Readonly<Record<Role, AgentSource>>;

/** The agents already reported as hanging or lost. */
const rolesOf = ({ findings }: Verdicts): Set<Role> =>
  new Set(
    findings.flatMap(({ outcome, agent }) =>
      outcome === 'lost' || outcome === 'timeout' ? [agent] : [],
    ),
  );

/** Milliseconds for a step, and for an agent's hello. */
export interface Limits {
  step: number;
  hello: number;
}

/** @returns sources with our own plain peer in the third role. */
export function withPeer(client: AgentSource, server: AgentSource): Sources {
  return { client, server, peer: inProcessAgent() };
}

/**
 * A client, a server and a peer of its own, for one run at a time. Runs at two
 * stations share nothing.
 */
export class Station {
  readonly #limit: number;
  readonly #seats: Record<Role, Seat>;
  readonly #onhello: (role: Role, hello: Hello) => void;

  constructor(
    sources: Sources,
    limits: Limits,
    onhello: (role: Role, hello: Hello) => void,
  ) {
    this.#limit = limits.step;
    this.#onhello = onhello;
    this.#seats = {
      client: new Seat(sources.client, limits.hello),
      server: new Seat(sources.server, limits.hello),
      peer: new Seat(sources.peer, limits.hello),
    };
  }

  /** @throws {AgentLost} an agent cannot be started. */
  async run(planned: PlannedRun): Promise<RunResult> {
    const { tested, order, orderName, repetition } = planned;
    const links = await this.#links(planned);
    const hellos = [...links.values()].map(({ hello }) => hello);
    const lacks = lacking(tested, hellos);
    let milliseconds = 0;
    let transcript: TranscriptEntry[] = [];
    let weighed = notRun(lacks);
    if (lacks.length === 0) {
      const execution = await execute(tested, order, links, this.#limit);
      weighed = weigh(judge(tested, execution), undeclared(tested, hellos));
      ({ milliseconds } = execution);
      transcript = execution.transcript.entries;
      const ends = await this.#endRun(links, rolesOf(weighed));
      const found = ends.lost.map(([role, why]) =>
        lostAtEnd(tested, role, why),
      );
      weighed.findings.push(...found);
      weighed.warnings.push(...ends.warnings);
      if (found.length > 0) weighed.teardown = 'FAILED';
    }
    const { scenario } = tested;
    return {
      id: tested.name,
      scenario: scenario.id,
      title: scenario.title,
      level: scenario.level,
      family: tested.family,
      socketType: tested.socketType,
      parameters: tested.parameters,
      mode: order === 'free' ? 'free' : 'forced',
      order: orderName,
      repetition,
      indication: scenario.indication ?? null,
      verdict: gravest([weighed.data, weighed.teardown]) ?? 'FAILED',
      data: weighed.data,
      teardown: weighed.teardown,
      milliseconds,
      findings: weighed.findings,
      warnings: weighed.warnings,
      transcript,
    };
  }

  async #links({ tested }: PlannedRun): Promise<Map<Role, AgentLink>> {
    const roles = new Set(tested.steps.map(({ agent }) => agent));
    const links = new Map<Role, AgentLink>();
    for (const role of roles) {
      const link = await this.#seats[role].link();
      links.set(role, link);
      this.#onhello(role, link.hello);
    }
    return links;
  }

  /** An agent that does not clean up in time, or ended, is replaced. */
  async #endRun(
    links: ReadonlyMap<Role, AgentLink>,
    mourned: ReadonlySet<Role>,
  ): Promise<{ lost: [Role, string][]; warnings: string[] }> {
    const lost: [Role, string][] = [];
    const warnings: string[] = [];
    await Promise.all(
      [...links].map(async ([role, link]) => {
        link.onindication = undefined;
        try {
          await within(link.end(), this.#limit, 'no end of the run');
        } catch (error) {
          if (!mourned.has(role)) {
            if (error instanceof AgentLost) {
              lost.push([role, await link.obituary()]);
            } else {
              warnings.push(`the ${role}'s agent: ${(error as Error).message}`);
            }
          }
          await this.#seats[role].replace();
        }
      }),
    );
    return { lost, warnings };
  }
}
