// The process that runs the sessions of one transport.
import { selectProvider } from '../../src/provider/select.js';
import type { Finding } from './judge.js';
import { describe, planOf } from './plan.js';
import { Sessions } from './session.js';
import type { SessionCounts } from './sessions.js';

const IN_FLIGHT = 32;
/** Seeds reported for one complaint. */
const SEEDS = 5;

const [first, second, ...traits] = process.argv.slice(2);
const sessions = Number(first);
const firstSeed = Number(second);

const counts: Record<Finding['kind'], number> = {
  whole: 0,
  told: 0,
  lost: 0,
  misreported: 0,
  hung: 0,
};
const complaints = new Map<string, { count: number; seeds: number[] }>();

function complain(what: string, seed: number): void {
  const known = complaints.get(what) ?? { count: 0, seeds: [] };
  known.count++;
  if (known.seeds.length < SEEDS) known.seeds.push(seed);
  complaints.set(what, known);
}

const all = await Sessions.start({ eagerFin: traits.includes('eager-fin') });
// Counts against the first session of the run.
process.on('uncaughtException', (error) => {
  counts.misreported++;
  complain(`uncaught: ${error.message}`, firstSeed);
});

const began = performance.now();
let started = 0;
const lane = async () => {
  while (started < sessions) {
    const plan = planOf((firstSeed + started++) >>> 0);
    const finding = await all.run(plan);
    counts[finding.kind]++;
    if (!('what' in finding)) continue;
    // Complaints that differ only in numbers of octets count as one.
    const kind = finding.what.replaceAll(/\d+/g, 'N');
    complain(`${finding.kind}: ${kind}`, plan.seed);
    if (sessions === 1) console.log(`${finding.what}\n  ${describe(plan)}`);
  }
};
await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
await all.stop();
const result: SessionCounts = {
  transport: selectProvider().transport?.transport ?? 'unknown',
  counts,
  complaints: [...complaints],
  seconds: (performance.now() - began) / 1000,
};
process.send?.(result, () => process.disconnect());
