import { loadClauseFiles, type ListedClause } from './clauses.js';
import { casesOf } from './expand.js';
import type { Scenario } from './types.js';

/** A scenario that checks a clause, and in how many cases. */
interface Checker {
  id: string;
  cases: number;
}

/** By clause: the scenarios that check it. */
export function checkersOf(
  scenarios: readonly Scenario[],
): Map<string, Checker[]> {
  const found = new Map<string, Checker[]>();
  for (const scenario of scenarios) {
    const checker = { id: scenario.id, cases: casesOf(scenario).length };
    for (const clause of scenario.clauses ?? []) {
      found.set(clause, [...(found.get(clause) ?? []), checker]);
    }
  }
  return found;
}

/** Clauses that no scenario checks, though one could. */
export function gapsIn(scenarios: readonly Scenario[]): ListedClause[] {
  const checked = new Set(scenarios.flatMap((one) => one.clauses ?? []));
  return loadClauseFiles()
    .flatMap(({ clauses }) => clauses)
    .filter(
      ({ id, unobservable }) => unobservable === undefined && !checked.has(id),
    );
}

/** The page that maps each clause to its scenarios, in Markdown. */
export function coveragePage(scenarios: readonly Scenario[]): string {
  const checkers = checkersOf(scenarios);
  const files = loadClauseFiles();
  const clauses = files.flatMap((file) => file.clauses);
  const unobservable = clauses.filter((clause) => clause.unobservable);
  const cases = scenarios.reduce((sum, one) => sum + casesOf(one).length, 0);
  const lines = [
    '<!-- Made by `npm run conformance:coverage`. -->',
    '',
    '# Coverage of the conformance suite',
    '',
    `${scenarios.length} scenarios check ${clauses.length - unobservable.length} ` +
      `clauses in ${cases} cases. No scenario can observe ${unobservable.length} ` +
      'more, each for the given reason.',
    '',
    'The number after a scenario is that of its cases: its matrix on the ' +
      'families that it runs on by default.',
  ];
  for (const file of files) {
    lines.push('', `## ${file.title}`);
    let source = '';
    for (const clause of file.clauses) {
      if (file.clauses[0]!.source !== file.clauses.at(-1)!.source) {
        if (clause.source !== source)
          lines.push('', `### ${clause.source}`, '');
        ({ source } = clause);
      } else if (clause === file.clauses[0]) lines.push('');
      lines.push(...describe(clause, checkers.get(clause.id) ?? []));
    }
  }
  return `${lines.join('\n')}\n`;
}

function describe(
  { id, section, sentence, unobservable }: ListedClause,
  checkers: readonly Checker[],
): string[] {
  const scenarios = checkers.map(
    (one) => `[${one.id}](../conformance/${fileOf(one)}) ${one.cases}`,
  );
  const checked =
    unobservable === undefined
      ? scenarios.join(', ') || '**no scenario**'
      : `Not observable: ${unobservable}`;
  return [`- \`${id}\` (${section}): ${escaped(sentence)}`, `  ${checked}`];
}

/** Behaviour vectors make scenarios that have no file of their own. */
function fileOf({ id }: Checker): string {
  const subject = /^wire-behaviour\/(callee|caller)/.exec(id)?.[1];
  return subject === undefined
    ? `scenarios/${id}.json`
    : `vectors/behaviour/${subject}.json`;
}

/** Only a sentence's code is Markdown. */
function escaped(sentence: string): string {
  return sentence.replaceAll(/[*<>[\]]/g, String.raw`\$&`);
}
