import {
  inProcessAgent,
  jsonReport,
  loadScenarios,
  runSuite,
  type JsonReport,
} from '../../conformance/index.js';
import { KnownFailures } from '../../conformance/runner/known-failures.js';
import { findFault } from '../../conformance/wrong-agents/index.js';

/** A text that no report may take for markup, a directive or an escape. */
export const hostile =
  '</script><script>alert(1)</script>"\'&# \\ ]]> \u001B[31m\u0000 \uD800 ' +
  '\u202E\u2028\u2029\u0085\u200B\uFEFF\uFFFE\u{E0001}\n::error::x';

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

/** Members with one of a few fixed words, or turned into the name of a key. */
const words = new Set(
  (
    'format level verdict data teardown phase mode kind family socketType ' +
    'scenario agent outcome'
  ).split(' '),
);

/**
 * The same report, as a hostile agent, file or machine name would have it: every text
 * in it is hostile, except the fixed words.
 */
export function poisoned(report: JsonReport): JsonReport {
  const poison = (value: unknown, name = ''): unknown => {
    if (typeof value === 'string') {
      return words.has(name) ? value : `${value}${hostile}`;
    }
    if (Array.isArray(value)) return value.map((one) => poison(one, name));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, poison(one, key)]),
    );
  };
  const copy = poison(report) as JsonReport;
  copy.client!.agent = hostile;
  return copy;
}
