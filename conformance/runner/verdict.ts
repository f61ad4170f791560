import type {
  Case,
  Clause,
  Expectation,
  IndicationCount,
  Phase,
  Role,
  Step,
  VerdictLevel,
} from '../scenario/types.js';
import { compare, type Mismatch } from './expect.js';
import { describeOutcome, type Execution } from './run-case.js';

/** A departure from a clause. */
export interface Finding {
  phase: Phase;
  verdict: VerdictLevel;
  /** The id of the step, or the indication that was counted. */
  step: string;
  /** The step's agent. */
  agent: Role;
  call: string;
  clause: Clause;
  /**
   * If the call itself failed, which need not break a clause: the clause that
   * the scenario checks as a whole.
   */
  clauseOf?: 'scenario';
  expected: string;
  got: string;
  /** The reason for a known outcome other than the documented one. */
  why?: string;
  /** The name of the error that an agent answered. */
  error?: string;
  /** The kind of outcome, without a result. */
  outcome?: 'unsupported' | 'timeout' | 'lost' | 'no-address';
}

export interface Verdicts {
  /** `null`: the phase was not reached, or the case has no such phase. */
  data: VerdictLevel | null;
  teardown: VerdictLevel | null;
  findings: Finding[];
}

const severity: Record<VerdictLevel, number> = {
  OK: 0,
  INFORMATIONAL: 1,
  'NON-STRICT': 2,
  UNIMPLEMENTED: 3,
  FAILED: 4,
};

/** The gravest of some verdicts. */
export function gravest(
  verdicts: readonly (VerdictLevel | null)[],
): VerdictLevel | null {
  return verdicts.reduce(
    (most, one) =>
      one !== null && (most === null || severity[one] > severity[most])
        ? one
        : most,
    null,
  );
}

/** Whether a verdict is a failure: NON-STRICT is one if `strict`. */
export function isFailure(verdict: VerdictLevel, strict: boolean): boolean {
  return verdict === 'FAILED' || (strict && verdict === 'NON-STRICT');
}

/** Whether one verdict is graver than another; a missing one is the least. */
export function isGraver(
  one: VerdictLevel | null,
  other: VerdictLevel | null,
): boolean {
  if (one === null || other === null) return one !== null;
  return severity[one] > severity[other];
}

const ofLevel = {
  MUST: 'FAILED',
  SHOULD: 'NON-STRICT',
  MAY: 'INFORMATIONAL',
} as const;

const teardownCalls: ReadonlySet<string> = new Set([
  'shutdown',
  'WSASendDisconnect',
  'WSASendDisconnect+closesocket',
  'WSARecvDisconnect',
  'closesocket',
  'plain.end',
  'plain.reset',
]);

/** The phase of a step: its own, or its call's. */
export function phaseOf(step: Step): Phase {
  if (step.phase) return step.phase;
  const { call, with: given = {} } = step;
  return teardownCalls.has(call) ||
    given['event'] === 'FD_CLOSE' ||
    given['until'] === 'end' ||
    given['option'] === 'SO_LINGER'
    ? 'teardown'
    : 'data';
}

/** Judges the execution of a case. */
export function judge(tested: Case, execution: Execution): Verdicts {
  const findings: Finding[] = [];
  const reached = new Set<Phase>();
  for (const step of tested.steps) {
    const outcome = execution.outcomes.get(step.id);
    if (!outcome) continue;
    const phase = phaseOf(step);
    reached.add(phase);
    const { agent, call, expect = {} } = step;
    const common = {
      phase,
      step: step.id,
      agent,
      call,
      clause: step.clause ?? tested.scenario.clause,
    };
    if (outcome.kind === 'result') {
      const mismatches = compare(outcome.result, expect);
      if (mismatches.length === 0) continue;
      findings.push({
        ...common,
        ...graded(tested, step, mismatches, (other) =>
          compare(outcome.result, other),
        ),
        // The error itself was the expected one; something else is missing.
        ...(outcome.result.error !== null &&
          mismatches.some(({ member }) => member === 'error') && {
            error: outcome.result.error,
            // Only success was expected, which needs no clause.
            ...(expect.error === undefined && ofScenario(step)),
          }),
      });
    } else {
      findings.push({
        ...common,
        verdict: 'FAILED',
        expected: describeExpectation(expect),
        got: describeOutcome(outcome),
        outcome: outcome.kind,
        ...(breaksNothing.has(outcome.kind)
          ? { clauseOf: 'scenario' as const }
          : ofScenario(step)),
      });
    }
  }
  const complete = tested.steps.every(({ id }) => execution.outcomes.has(id));
  if (complete) findings.push(...miscounted(tested, execution, reached));
  const verdictOf = (phase: Phase): VerdictLevel | null =>
    reached.has(phase)
      ? gravest([
          'OK',
          ...findings
            .filter((one) => one.phase === phase)
            .map(({ verdict }) => verdict),
        ])
      : null;
  return { data: verdictOf('data'), teardown: verdictOf('teardown'), findings };
}

/** A lost agent, or a consequence of another step, does not break a clause. */
const breaksNothing: ReadonlySet<string> = new Set(['lost', 'no-address']);

/** Unless the step names a clause, its failure is not attributed to one. */
const ofScenario = ({ clause }: Step): Pick<Finding, 'clauseOf'> =>
  clause ? {} : { clauseOf: 'scenario' };

/** The finding for an agent that was lost at the end of its run. */
export function lostAtEnd(tested: Case, agent: Role, why: string): Finding {
  return {
    phase: 'teardown',
    verdict: 'FAILED',
    step: 'end',
    agent,
    call: 'end of the run',
    clause: tested.scenario.clause,
    clauseOf: 'scenario',
    expected: 'the agent ends the run',
    got: describeOutcome({ kind: 'lost', why }),
    outcome: 'lost',
  };
}

function graded(
  tested: Case,
  step: Step,
  mismatches: readonly Mismatch[],
  compareWith: (expectation: Expectation) => Mismatch[],
): Pick<Finding, 'verdict' | 'expected' | 'got' | 'why'> {
  const expected = mismatches.map((one) => one.expected).join('; ');
  const got = mismatches.map((one) => one.got).join('; ');
  const known = step.or?.find((one) => compareWith(one.expect).length === 0);
  return known
    ? { verdict: known.verdict, expected, got, why: known.why }
    : { verdict: ofLevel[tested.scenario.level], expected, got };
}

function miscounted(
  tested: Case,
  { transcript }: Execution,
  reached: Set<Phase>,
): Finding[] {
  const { indications = [], clause, level } = tested.scenario;
  const applies = ({ only = {} }: IndicationCount): boolean =>
    Object.entries(only).every(([name, values]) =>
      values.includes(tested.parameters[name]!),
    );
  return indications.filter(applies).flatMap((wanted) => {
    const { agent, socket, event, count } = wanted;
    const phase = wanted.phase ?? (event === 'FD_CLOSE' ? 'teardown' : 'data');
    reached.add(phase);
    const found = transcript.count(agent, socket, event);
    return found === count
      ? []
      : [
          {
            phase,
            verdict: ofLevel[level],
            step: `${event} at ${agent}'s "${socket}"`,
            agent,
            call: 'indication',
            clause,
            expected: `${event} ${count} times`,
            got: `${event} ${found} times`,
          },
        ];
  });
}

function describeExpectation({ error }: Expectation): string {
  return error === undefined || error === null ? 'success' : error;
}
