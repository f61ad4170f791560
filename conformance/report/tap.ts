import { caseName, runName } from '../scenario/expand.js';
import { isFailure, type Finding } from '../runner/verdict.js';
import type { JsonReport, ReportedRun } from './types.js';
import { clauseLabel, oneLine, plainJson } from './text.js';

/**
 * The reports in the Test Anything Protocol. They use only the part common to
 * both versions, but older consumers refuse a version that they do not know.
 *
 * @param options.absent names of missing reports.
 */
export function tapReport(
  reports: readonly JsonReport[],
  options: { version?: 13 | 14; absent?: readonly string[] } = {},
): string {
  const { version = 14, absent = [] } = options;
  const points = reports.flatMap((report) => {
    const prefix = reports.length > 1 ? `${report.name}: ` : '';
    return [
      ...report.runs.map((run) => pointOf(run, prefix, report.strict)),
      ...report.unexpectedPasses.map((pass): Point => {
        const name = `${prefix}${caseName(pass)}: an unexpected pass`;
        return { ok: false, name, diagnostics: { known: pass.reason } };
      }),
      ...(report.staleKnownFailures ?? []).map((line): Point => {
        const name = `${prefix}${line}: a known failure that fits no case`;
        return { ok: false, name };
      }),
      ...(report.broken?.notRun ?? []).map((run): Point => ({
        ok: false,
        name: `${prefix}${runName(run)}: not run`,
      })),
    ];
  });
  for (const name of absent) {
    points.push({ ok: false, name: `${name}: no report of it` });
  }
  const lines = points.flatMap(
    ({ ok, name, directive, diagnostics }, index) => [
      `${ok ? 'ok' : 'not ok'} ${index + 1} - ${escaped(name)}` +
        (directive === undefined ? '' : ` # ${directive}`),
      ...yaml(diagnostics),
    ],
  );
  const plan =
    points.length === 0 ? '1..0 # SKIP nothing ran' : `1..${points.length}`;
  const bails = reports.flatMap(({ name, broken }) =>
    broken ? [`Bail out! ${oneLine(`${name}: ${broken.why}`)}`] : [],
  );
  return `${[`TAP version ${version}`, plan, ...lines, ...bails].join('\n')}\n`;
}

interface Point {
  ok: boolean;
  name: string;
  directive?: string;
  diagnostics?: Record<string, unknown>;
}

function pointOf(run: ReportedRun, prefix: string, strict: boolean): Point {
  const { verdict, data, teardown, findings, warnings, knownFailure } = run;
  const failed = isFailure(verdict, strict);
  const point: Point = {
    ok: !failed,
    name: prefix + runName(run),
    ...(verdict !== 'OK' && {
      diagnostics: {
        duration_ms: run.milliseconds,
        verdict,
        data,
        teardown,
        ...(findings.length > 0 && { findings: findings.map(diagnosed) }),
        ...(warnings.length > 0 && { warnings }),
      },
    }),
  };
  if (verdict === 'UNIMPLEMENTED') {
    return { ...point, directive: `SKIP ${oneLine(warnings[0] ?? verdict)}` };
  }
  if (failed && knownFailure !== undefined) {
    return {
      ...point,
      directive: `TODO known failure: ${oneLine(knownFailure)}`,
    };
  }
  return point;
}

function diagnosed(finding: Finding): Record<string, unknown> {
  const { clause, clauseOf: _, ...rest } = finding;
  const { source, section, sentence } = clause;
  return {
    ...rest,
    [clauseLabel(finding)]: `${source}, ${section}`,
    sentence,
  };
}

/** A backslash and a hash have special meanings in a description. */
const escaped = (text: string): string =>
  oneLine(text).replaceAll(/[\\#]/g, String.raw`\$&`);

/** JSON is YAML: every value is written as one. */
function yaml(diagnostics: Record<string, unknown> | undefined): string[] {
  if (!diagnostics) return [];
  const lines = Object.entries(diagnostics).flatMap(([name, value]) =>
    Array.isArray(value)
      ? [`${name}:`, ...value.map((item) => `  - ${plainJson(item)}`)]
      : [`${name}: ${plainJson(value)}`],
  );
  return ['---', ...lines, '...'].map((line) => `  ${line}`);
}
