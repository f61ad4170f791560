import { availableParallelism } from 'node:os';

/**
 * Does work for each item, for as many at a time as there are processors.
 * (conformance/runner has its own, since scripts run before anything is compiled.)
 */
export async function sideBySide(items, work, jobs = availableParallelism()) {
  const left = items.values();
  const lane = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: jobs }, lane));
}
