import { isFailure } from '../runner/verdict.js';
import { caseName } from '../scenario/expand.js';
import type { JsonReport, ReportedRun } from './types.js';
import { namesOfCases } from './not-run.js';
import { describeFinding, oneLine, plain } from './text.js';

/** Annotations that GitHub shows of a step; it drops the others. */
const SHOWN = 10;

interface Annotation {
  title: string;
  text: string;
}

/**
 * The failures as workflow commands, of which GitHub makes annotations of a run
 * and of its pull request: one for each case.
 */
export function githubReport(
  reports: readonly JsonReport[],
  absent: readonly string[] = [],
): string {
  const all = [
    ...absent.map((name) => ({
      title: name,
      text: 'no report of it',
    })),
    ...reports.flatMap(annotationsOf),
  ];
  const shown = all.slice(0, all.length > SHOWN ? SHOWN - 1 : SHOWN);
  const left = all.slice(shown.length);
  if (left.length > 0) {
    const text = left.map(({ title }) => title).join('\n');
    shown.push({ title: `${left.length} more failures`, text });
  }
  return shown.map(commandOf).join('');
}

function annotationsOf(report: JsonReport): Annotation[] {
  const { name, strict, broken, unexpectedPasses } = report;
  const titled = (of: string, text: string): Annotation => ({
    title: `${of} on ${name}`,
    text,
  });
  const failing = new Map<string, ReportedRun>();
  for (const run of report.runs) {
    const counts = isFailure(run.verdict, strict) && !run.knownFailure;
    if (counts && !failing.has(caseName(run))) failing.set(caseName(run), run);
  }
  return [
    ...(broken
      ? [
          titled(
            'broken off',
            [broken.why, 'not run:', ...namesOfCases(broken.notRun)].join('\n'),
          ),
        ]
      : []),
    ...Array.from(failing, ([of, run]) =>
      titled(of, [run.title, ...run.findings.map(describeFinding)].join('\n')),
    ),
    ...unexpectedPasses.map((pass) =>
      titled(caseName(pass), `passes, and is known to fail: ${pass.reason}`),
    ),
    ...(report.staleKnownFailures ?? []).map((line) =>
      titled(line, 'is known to fail, but no case matches'),
    ),
  ];
}

const escaped = (value: string): string =>
  plain(value).replaceAll('%', '%25').replaceAll('\n', '%0A');

function commandOf({ title, text }: Annotation): string {
  const property = escaped(oneLine(title))
    .replaceAll(':', '%3A')
    .replaceAll(',', '%2C');
  return `::error title=${property}::${escaped(text)}\n`;
}
