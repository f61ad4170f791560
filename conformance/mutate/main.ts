import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { mutate, type MutateResult } from './mutate.js';

// npm run conformance:mutate [-- --scenario GLOB] [--jobs N] [--json]
// Ends with 0 if every scenario can fail, and every mutant is noticed.

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function report(result: MutateResult): void {
  const width = Math.max(...result.mutants.map(({ mutant }) => mutant.length));
  for (const { mutant, ran, caughtBy, excuse } of result.mutants) {
    say(
      `${mutant.padEnd(width)}  ${caughtBy.length} of ${ran.length}  ` +
        (caughtBy.join(' ') || (excuse ? `no: ${excuse}` : 'NOT NOTICED')),
    );
  }
  const caught = result.faults.filter((one) => one.caught).length;
  say(
    `\n${caught} of ${result.faults.length} wrong agents made their scenario fail`,
  );
  for (const { scenario, culprit } of result.faults.filter(
    (one) => !one.caught,
  )) {
    say(`  not ${scenario} by ${culprit}`);
  }
  list('scenarios that nothing can fail', result.unfailing);
  list('mutants that no scenario notices', result.unnoticed);
  list('scenarios that fail with right agents', result.failingAnyway);
  say(`in ${(result.milliseconds / 1000).toFixed(1)} s`);
}

function list(what: string, names: readonly string[]): void {
  say(
    `${what}: ${names.length}${names.length > 0 ? `: ${names.join(' ')}` : ''}`,
  );
}

function options() {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string', multiple: true },
      jobs: { type: 'string', default: String(availableParallelism()) },
      json: { type: 'boolean', default: false },
    },
  });
  const jobs = Number(values.jobs);
  if (Number.isInteger(jobs) && jobs > 0) return { ...values, jobs };
  throw new RangeError('--jobs takes a whole number from 1');
}

let values: ReturnType<typeof options> | undefined;
try {
  values = options();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
if (values) {
  const { scenario: scenarios, jobs } = values;
  const result = await mutate({ scenarios, jobs });
  if (values.json) say(JSON.stringify(result, undefined, 2));
  else report(result);
  const { faults, unfailing, unnoticed, failingAnyway } = result;
  const bad =
    unfailing.length +
    unnoticed.length +
    failingAnyway.length +
    faults.filter(({ caught }) => !caught).length;
  // Nothing ran: the same code as the command's.
  process.exitCode = faults.length === 0 ? 3 : Math.min(bad, 1);
}
