import type { StepResult } from '../protocol/messages.js';
import { addressNeeded, predecessors } from '../scenario/order.js';
import type { Case, Role, Step } from '../scenario/types.js';
import { AgentLost, type AgentLink } from './agent-link.js';
import { TimedOut, within } from './limit.js';
import { shortened, shortenedGiven, Transcript } from './transcript.js';

/** The outcome of one step. */
export type StepOutcome =
  | { kind: 'result'; result: StepResult }
  | { kind: 'unsupported'; what: string }
  | { kind: 'timeout'; limit: number }
  | { kind: 'lost'; why: string }
  | { kind: 'no-address'; of: string };

export interface Execution {
  /** By the step's id; a step that was not reached is absent. */
  outcomes: Map<string, StepOutcome>;
  transcript: Transcript;
  milliseconds: number;
}

export type Links = ReadonlyMap<Role, AgentLink>;

/** Executes one case: in one order, or free-running. */
export async function execute(
  tested: Case,
  order: readonly number[] | 'free',
  links: Links,
  limit: number,
): Promise<Execution> {
  const execution = new CaseExecution(tested, links, limit);
  await execution.run(order);
  const { outcomes, transcript } = execution;
  const milliseconds = transcript.elapsed;
  await execution.mourn();
  return { outcomes, transcript, milliseconds };
}

/** An event that happens once and can be awaited. */
class Latch {
  open!: () => void;
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

class CaseExecution {
  readonly outcomes = new Map<string, StepOutcome>();
  readonly transcript = new Transcript();
  readonly #case: Case;
  readonly #links: Links;
  readonly #limit: number;
  /** Nothing after it would be meaningful. */
  #broken = false;

  constructor(tested: Case, links: Links, limit: number) {
    this.#case = tested;
    this.#links = links;
    this.#limit = limit;
  }

  async run(order: readonly number[] | 'free'): Promise<void> {
    const { name, family, socketType } = this.#case;
    for (const [agent, link] of this.#links) {
      link.onindication = ({ socket, event, error }) => {
        this.transcript.add({
          agent,
          kind: 'indication',
          socket,
          event,
          error,
        });
      };
      link.begin({ run: name, family, socketType });
    }
    await (order === 'free' ? this.#runFree() : this.#runForced(order));
  }

  /** Adds to a lost step how the agent ended, which is known a little later. */
  async mourn(): Promise<void> {
    for (const { id, agent } of this.#case.steps) {
      const outcome = this.outcomes.get(id);
      if (outcome?.kind !== 'lost') continue;
      outcome.why = await this.#links.get(agent)!.obituary();
      this.transcript.explain(id, describeOutcome(outcome));
    }
  }

  /** A step is sent when its turn has come, not before. */
  async #runForced(order: readonly number[]): Promise<void> {
    for (const index of order) {
      const step = this.#case.steps[index]!;
      this.#conclude(step, await this.#perform(step));
      if (this.#broken) return;
    }
  }

  /**
   * Each agent gets its steps at once, unless they need another agent, and
   * executes them by itself.
   */
  async #runFree(): Promise<void> {
    const { steps } = this.#case;
    const before = predecessors(steps, 'free');
    const concluded = steps.map(() => new Latch());
    const giveUp = new Latch();
    const lanes = new Map<string, number[]>();
    for (const [index, { agent, lane = '' }] of steps.entries()) {
      const name = `${agent}/${lane}`;
      lanes.set(name, [...(lanes.get(name) ?? []), index]);
    }
    const runLane = async (lane: readonly number[]): Promise<void> => {
      let previous: Promise<unknown> = Promise.resolve();
      for (const index of lane) {
        const step = steps[index]!;
        const elsewhere = [...before[index]!].filter(
          (other) => !lane.includes(other),
        );
        await Promise.race([
          Promise.all(elsewhere.map((other) => concluded[other]!.opened)),
          giveUp.opened,
        ]);
        if (this.#broken) return;
        const turn = previous;
        previous = this.#perform(step, turn).then((outcome) => {
          if (this.#broken) return undefined;
          this.#conclude(step, outcome);
          concluded[index]!.open();
          if (this.#broken) giveUp.open();
          return undefined;
        });
      }
      await Promise.race([previous, giveUp.opened]);
    };
    await Promise.all([...lanes.values()].map((lane) => runLane(lane)));
  }

  /** @param turn when the step's time begins to count. */
  async #perform(
    step: Step,
    turn: Promise<unknown> = Promise.resolve(),
  ): Promise<StepOutcome> {
    const { id, agent, call, lane } = step;
    const given = { ...step.with };
    for (const of of addressNeeded(step)) {
      const known = this.outcomes.get(of);
      const address =
        known?.kind === 'result' ? known.result.address : undefined;
      if (!address) return { kind: 'no-address', of };
      given['to'] = address;
    }
    this.transcript.add({
      agent,
      kind: 'step',
      step: id,
      call,
      ...(step.with && { with: shortenedGiven(step.with) }),
    });
    const link = this.#links.get(agent)!;
    const answering = link.request({
      step: id,
      call,
      with: given,
      ...(lane !== undefined && { lane }),
    });
    answering.catch(() => {});
    try {
      await turn;
      const answer = await within(answering, this.#limit, 'no answer');
      if (answer.type === 'unsupported') {
        return { kind: 'unsupported', what: answer.what };
      }
      return { kind: 'result', result: answer };
    } catch (error) {
      if (error instanceof TimedOut) {
        return { kind: 'timeout', limit: this.#limit };
      }
      if (error instanceof AgentLost) {
        return { kind: 'lost', why: error.message };
      }
      throw error;
    }
  }

  #conclude({ id, agent }: Step, outcome: StepOutcome): void {
    this.outcomes.set(id, outcome);
    if (outcome.kind === 'result') {
      const result = shortened(outcome.result);
      this.transcript.add({ agent, kind: 'result', step: id, result });
      return;
    }
    this.#broken = true;
    if (outcome.kind === 'unsupported') {
      const { what } = outcome;
      this.transcript.add({ agent, kind: 'unsupported', step: id, what });
    } else {
      const why = describeOutcome(outcome);
      this.transcript.add({ agent, kind: 'lost', step: id, why });
    }
  }
}

/** Describes the outcome of a step that has no result. */
export function describeOutcome(
  outcome: Exclude<StepOutcome, { kind: 'result' }>,
): string {
  switch (outcome.kind) {
    case 'unsupported':
      return `"unsupported" (${outcome.what})`;
    case 'timeout':
      return `nothing within ${outcome.limit} ms`;
    case 'no-address':
      return `step ${outcome.of} gave no address to connect to`;
    case 'lost':
    default:
      return `the agent is lost: ${outcome.why}`;
  }
}
