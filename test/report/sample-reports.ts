import {
  inProcessAgent,
  jsonReport,
  loadScenarios,
  runSuite,
  type JsonReport,
} from '../../conformance/index.js';
import { KnownFailures } from '../../conformance/runner/known-failures.js';
import { findFault } from '../../conformance/wrong-agents/index.js';

/** What no report may take for markup, a directive or a control sequence. */
export const hostile =
  '</script><script>alert(1)</script>"\'&# \\ ]]> \u001B[31m\u0000 \uD800';

export interface SampleOptions {
  globs?: RegExp;
  fault?: string;
  known?: string;
  name?: string;
  strict?: boolean;
}

/** A report of real runs, with a server of ours that is right or wrong. */
export async function sampleReport({
  globs = /^(eight-steps\/fd-close|disconnect-data\/server-first)$/,
  fault,
  known,
  name = 'sample',
  strict = false,
}: SampleOptions = {}): Promise<JsonReport> {
  const scenarios = loadScenarios().filter(({ id }) => globs.test(id));
  const result = await runSuite({
    scenarios,
    client: inProcessAgent(),
    server: inProcessAgent(fault === undefined ? {} : findFault(fault)!),
    timeout: 1000,
    jobs: 4,
  });
  return jsonReport(result, {
    goodbyte: '0.0.0',
    scenarios,
    name,
    strict,
    ...(known !== undefined && { known: new KnownFailures(known, 'known') }),
  });
}

/** The same report, as an agent would have it that means harm. */
export function poisoned(report: JsonReport): JsonReport {
  const copy = structuredClone(report);
  copy.name = hostile;
  copy.client!.agent = hostile;
  copy.server!.description = hostile;
  for (const run of copy.runs) {
    for (const finding of run.findings) finding.got = hostile;
    run.warnings.push(hostile);
    for (const entry of run.transcript) {
      if (entry.kind === 'indication') entry.socket = hostile;
      if (entry.kind === 'result') entry.result.error = hostile;
    }
  }
  return copy;
}
