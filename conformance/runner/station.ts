import type { Hello } from '../protocol/messages.js';
import type { Role } from '../scenario/types.js';
import type { AgentLink } from './agent-link.js';
import { inProcessAgent, Seat, type AgentSource } from './agent-source.js';
import { lacking, notRun, undeclared, weigh } from './honesty.js';
import { within } from './limit.js';
import type { PlannedRun } from './plan.js';
import type { RunResult } from './result.js';
import { execute } from './run-case.js';
import type { TranscriptEntry } from './transcript.js';
import { gravest, judge } from './verdict.js';

/** Where the agents of each role come from. */
export type Sources = Readonly<Record<Role, AgentSource>>;

/** @returns sources with our own plain peer in the third role. */
export function withPeer(client: AgentSource, server: AgentSource): Sources {
  return { client, server, peer: inProcessAgent() };
}

/**
 * A client, a server and a peer of their own: what one run needs, and the next
 * one again. Runs at two stations share nothing.
 */
export class Station {
  readonly #limit: number;
  readonly #seats: Record<Role, Seat>;
  readonly #onhello: (role: Role, hello: Hello) => void;

  constructor(
    sources: Sources,
    limit: number,
    onhello: (role: Role, hello: Hello) => void,
  ) {
    this.#limit = limit;
    this.#onhello = onhello;
    this.#seats = {
      client: new Seat(sources.client, limit),
      server: new Seat(sources.server, limit),
      peer: new Seat(sources.peer, limit),
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
      await this.#endRun(links);
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
