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
  /** Draws the orders where there are more. */
  seed?: number | undefined;
}

/** A run to come. */
export interface PlannedRun {
  tested: Case;
  /** Indexes of the steps, or `free`. */
  order: readonly number[] | 'free';
  orderName: string;
}

export interface Plan {
  runs: PlannedRun[];
  /** Cases of which not every order is forced. */
  sampled: string[];
}

const FREE = 'free-running';

/**
 * Every case in each of its orders, and free-running where that differs.
 */
export function planRuns(options: PlanOptions): Plan {
  const { scenarios, families, maxOrders = 64, seed = 1 } = options;
  const sampled: string[] = [];
  const runs = scenarios
    .flatMap((scenario) => casesOf(scenario, families))
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
      }));
      return hasFreedom(tested)
        ? [...forced, { tested, order: 'free', orderName: FREE }]
        : forced;
    });
  return { runs, sampled };
}

/** Whether a free run could differ from the forced ones. */
function hasFreedom({ steps }: Case): boolean {
  const forced = predecessors(steps, 'forced');
  const free = predecessors(steps, 'free');
  return forced.some((before, index) => before.size > free[index]!.size);
}
