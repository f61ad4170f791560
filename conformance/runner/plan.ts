import { casesOf } from '../scenario/expand.js';
import {
  linearExtensions,
  orderNames,
  predecessors,
} from '../scenario/order.js';
import type { Case, Family, Scenario } from '../scenario/types.js';

export interface PlanOptions {
  scenarios: readonly Scenario[];
  /** In place of each scenario's own families. */
  families?: readonly Family[] | undefined;
  /** Orders of a case that are forced at most; 64 if absent. */
  maxOrders?: number | undefined;
  /** Draws the orders if there are more. */
  seed?: number | undefined;
  /** Selects cases; all if absent. */
  only?: ((tested: Case) => boolean) | undefined;
  /** The number of repetitions; 1 if absent. */
  repeat?: number | undefined;
}

/** A run to come. */
export interface PlannedRun {
  tested: Case;
  /** Indexes of the steps, or `free`. */
  order: readonly number[] | 'free';
  orderName: string;
  /** From 1 on. */
  repetition: number;
}

export interface Plan {
  runs: PlannedRun[];
  /** Cases of which not every order is forced. */
  sampled: string[];
}

const FREE = 'free-running';

/** Every case in each of its orders, and free-running if that differs. */
export function planRuns(options: PlanOptions): Plan {
  const { scenarios, families, maxOrders = 64, seed = 1 } = options;
  const { only = () => true, repeat = 1 } = options;
  const sampled: string[] = [];
  const once = scenarios
    .flatMap((scenario) => casesOf(scenario, families))
    .filter((tested) => only(tested))
    .flatMap((tested): PlannedRun[] => {
      const { orders, complete } = linearExtensions(
        predecessors(tested.steps),
        maxOrders,
        seed,
      );
      if (!complete) sampled.push(tested.name);
      const names = orderNames(tested.steps, orders);
      const forced = orders.map((order, index) => ({
        tested,
        order,
        orderName: names[index]!,
        repetition: 1,
      }));
      return hasFreedom(tested)
        ? [...forced, { tested, order: 'free', orderName: FREE, repetition: 1 }]
        : forced;
    });
  const rounds = Array.from({ length: repeat }, (_, round) => round + 1);
  const runs = rounds.flatMap((repetition) =>
    once.map((run) => ({ ...run, repetition })),
  );
  return { runs, sampled };
}

/** Whether a free run could differ from the forced ones. */
function hasFreedom({ steps }: Case): boolean {
  const forced = predecessors(steps, 'forced');
  const free = predecessors(steps, 'free');
  return forced.some((before, index) => before.size > free[index]!.size);
}
