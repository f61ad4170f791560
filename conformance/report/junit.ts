import { caseName, runName } from '../scenario/expand.js';
import { isFailure } from '../runner/verdict.js';
import type { JsonReport, ReportedRun } from './types.js';
import { describeFinding, indented, plain } from './text.js';

/**
 * The reports as JUnit's XML, in the subset that its readers share: a suite for
 * each group of scenarios, a case for each run.
 */
export function junitReport(
  reports: readonly JsonReport[],
  absent: readonly string[] = [],
): string {
  const suites = [
    ...reports.flatMap((report) =>
      suitesOf(report, reports.length > 1 ? `${report.name}: ` : ''),
    ),
    ...absent.map(suiteOfAbsent),
  ];
  const { skipped: _, ...all } = totals(suites.flatMap(({ cases }) => cases));
  const root = element(
    0,
    'testsuites',
    { name: 'goodbyte conformance', ...all },
    suites.map(({ name, cases, report }) =>
      element(
        1,
        'testsuite',
        { name, ...totals(cases), hostname: report?.name ?? name },
        [
          ...(report
            ? [element(2, 'properties', {}, propertiesOf(report))]
            : []),
          ...cases.map(({ xml }) => xml),
        ],
      ),
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;
}

interface TestCase {
  outcome: 'passed' | 'failed' | 'error' | 'skipped';
  seconds: number;
  xml: string;
}

interface TestSuite {
  name: string;
  report?: JsonReport;
  cases: TestCase[];
}

const groupOf = (id: string): string => id.split('/')[0]!;

function suitesOf(report: JsonReport, prefix: string): TestSuite[] {
  const suites = new Map<string, TestCase[]>();
  const add = (id: string, one: TestCase): void => {
    const name = prefix + groupOf(id);
    suites.set(name, [...(suites.get(name) ?? []), one]);
  };
  for (const run of report.runs)
    add(run.id, caseOf(run, prefix, report.strict));
  for (const pass of report.unexpectedPasses) {
    const message = `known to fail (${pass.reason}), and yet it passed`;
    add(
      pass.id,
      testCase(
        'failed',
        pass.id,
        `${caseName(pass)}: an unexpected pass`,
        0,
        prefix,
        [element(3, 'failure', { message, type: 'unexpected pass' }, [])],
      ),
    );
  }
  for (const line of report.staleKnownFailures ?? []) {
    const message = 'it is known to fail, but no case matches';
    add(
      line,
      testCase('failed', line, line, 0, prefix, [
        element(3, 'failure', { message, type: 'stale' }, []),
      ]),
    );
  }
  for (const run of report.broken?.notRun ?? []) {
    const message = `not run: ${report.broken!.why}`;
    add(
      run.id,
      testCase('error', run.id, runName(run), 0, prefix, [
        element(3, 'error', { message, type: 'not run' }, []),
      ]),
    );
  }
  return Array.from(suites, ([name, cases]) => ({ name, report, cases }));
}

function suiteOfAbsent(name: string): TestSuite {
  const message = 'no report of it';
  const children = [element(3, 'error', { message, type: 'absent' }, [])];
  return {
    name,
    cases: [testCase('error', name, 'the report', 0, '', children)],
  };
}

function caseOf(run: ReportedRun, prefix: string, strict: boolean): TestCase {
  const { id, level, verdict, findings, warnings, knownFailure } = run;
  const detail = [
    ...findings.map(describeFinding),
    ...warnings.map(indented),
  ].join('\n\n');
  const seconds = run.milliseconds / 1000;
  const one = (outcome: TestCase['outcome'], children: string[]): TestCase =>
    testCase(outcome, id, runName(run), seconds, prefix, children);
  if (verdict === 'UNIMPLEMENTED') {
    const message = warnings[0] ?? 'not implemented';
    return one('skipped', [element(3, 'skipped', { message }, [])]);
  }
  if (!isFailure(verdict, strict)) {
    const told =
      detail === ''
        ? []
        : [element(3, 'system-out', {}, `${verdict}\n\n${detail}`)];
    return one('passed', told);
  }
  if (knownFailure !== undefined) {
    const message = `known failure: ${knownFailure}`;
    return one('skipped', [element(3, 'skipped', { message }, detail)]);
  }
  const [first] = findings;
  const message = first
    ? `${first.step} (${first.call}) by the ${first.agent}: ` +
      `expected ${first.expected}, actual ${first.got}`
    : verdict;
  return one('failed', [
    element(3, 'failure', { message, type: `${verdict} (${level})` }, detail),
  ]);
}

function testCase(
  outcome: TestCase['outcome'],
  id: string,
  name: string,
  seconds: number,
  prefix: string,
  children: string[],
): TestCase {
  const classname = `${prefix}${groupOf(id)}`;
  const time = seconds.toFixed(3);
  const xml = element(2, 'testcase', { name, classname, time }, children);
  return { outcome, seconds, xml };
}

function totals(cases: readonly TestCase[]): Record<string, string> {
  const count = (outcome: TestCase['outcome']): string =>
    String(cases.filter((one) => one.outcome === outcome).length);
  const seconds = cases.reduce((sum, one) => sum + one.seconds, 0);
  return {
    tests: String(cases.length),
    failures: count('failed'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds.toFixed(3),
  };
}

function propertiesOf(report: JsonReport): string[] {
  const { goodbyte, node, platform, arch, client, server } = report;
  const properties = {
    goodbyte,
    node,
    platform,
    arch,
    client: client ? `${client.description}: ${client.agent}` : 'none',
    server: server ? `${server.description}: ${server.agent}` : 'none',
  };
  return Object.entries(properties).map(([name, value]) =>
    element(3, 'property', { name, value }, []),
  );
}

/** @param content elements, or text. */
function element(
  depth: number,
  name: string,
  attributes: Record<string, string>,
  content: readonly string[] | string,
): string {
  const indent = '  '.repeat(depth);
  const open = Object.entries(attributes).reduce(
    (tag, [key, value]) => `${tag} ${key}="${escaped(value)}"`,
    `${indent}<${name}`,
  );
  if (content.length === 0) return `${open}/>\n`;
  return typeof content === 'string'
    ? `${open}>${escapedText(content)}</${name}>\n`
    : `${open}>\n${content.join('')}${indent}</${name}>\n`;
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const escapedText = (text: string): string =>
  plain(text).replaceAll(/[&<>"]/g, (character) => entities[character]!);

const escaped = (text: string): string =>
  escapedText(text).replaceAll('\n', '&#10;');
