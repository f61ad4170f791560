import { caseName, runName } from '../scenario/expand.js';
import { gravest, isGraver } from '../runner/verdict.js';
import type {
  Difference,
  JsonReport,
  ReportedRun,
  VerdictPair,
} from './types.js';

interface Row extends VerdictPair {
  run: ReportedRun;
}

/** The gravest verdicts of all runs with the same name. */
function verdictsBy(
  { runs }: JsonReport,
  nameOf: (run: ReportedRun) => string,
): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const run of runs) {
    const name = nameOf(run);
    const row = rows.get(name);
    rows.set(name, {
      run: row?.run ?? run,
      data: gravest([row?.data ?? null, run.data]),
      teardown: gravest([row?.teardown ?? null, run.teardown]),
    });
  }
  return rows;
}

const samePair = (one: VerdictPair | null, other: VerdictPair | null) =>
  one?.data === other?.data && one?.teardown === other?.teardown;

/** Every case on which the reports differ. */
export function differences(reports: readonly JsonReport[]): Difference[] {
  const byReport = reports.map((report) => verdictsBy(report, caseName));
  const names = new Set(byReport.flatMap((rows) => [...rows.keys()]));
  return [...names].flatMap((name) => {
    const rows = byReport.map((of) => of.get(name));
    const { id, family } = rows.find((row) => row !== undefined)!.run;
    const verdicts = rows.map((row) =>
      row ? { data: row.data, teardown: row.teardown } : null,
    );
    // A report without the case does not count.
    const [first, ...others] = verdicts.filter((pair) => pair !== null);
    return others.every((other) => samePair(first!, other))
      ? []
      : [{ id, family, verdicts }];
  });
}

/** For each report, the cases that it lacks and another one has. */
export function casesMissing(
  reports: readonly JsonReport[],
): Pick<ReportedRun, 'id' | 'family'>[][] {
  const byReport = reports.map((report) => verdictsBy(report, caseName));
  const all = new Map(byReport.flatMap((rows) => [...rows]));
  return byReport.map((rows) =>
    [...all].filter(([name]) => !rows.has(name)).map(([, { run }]) => run),
  );
}

/** The difference of a run between two reports. */
export interface Change {
  kind: 'regression' | 'missing' | 'other' | 'improvement' | 'new';
  name: string;
  before: VerdictPair | null;
  after: VerdictPair | null;
}

/** The order in which changes are listed: regressions first. */
export const changeKinds = [
  'regression',
  'missing',
  'other',
  'improvement',
  'new',
] as const satisfies readonly Change['kind'][];

/**
 * Every run on which the two reports differ, by kind of change. Repetitions
 * count as one run.
 */
export function changes(before: JsonReport, after: JsonReport): Change[] {
  const [old, now] = [before, after].map((report) =>
    verdictsBy(report, (run) => runName({ ...run, repetition: 1 })),
  ) as [Map<string, Row>, Map<string, Row>];
  const all = Array.from(new Set([...old.keys(), ...now.keys()]), (name) => {
    const [was, is] = [pairOf(old.get(name)), pairOf(now.get(name))];
    return { kind: kindOf(was, is), name, before: was, after: is };
  }).filter(({ before: was, after: is }) => !samePair(was, is));
  return changeKinds.flatMap((kind) => all.filter((one) => one.kind === kind));
}

function pairOf(row: Row | undefined): VerdictPair | null {
  return row ? { data: row.data, teardown: row.teardown } : null;
}

function kindOf(
  before: VerdictPair | null,
  after: VerdictPair | null,
): Change['kind'] {
  if (!after) return 'missing';
  if (!before) return 'new';
  const [was, is] = [before, after].map(({ data, teardown }) =>
    gravest([data, teardown]),
  );
  if (isGraver(is!, was!)) return 'regression';
  return isGraver(was!, is!) ? 'improvement' : 'other';
}
