import type { Finding } from '../runner/verdict.js';

/**
 * Invisible characters that change what a reader sees: they move a terminal's
 * cursor, begin a line of a log, or turn the direction of a text. Lone
 * surrogates and noncharacters are not XML either. src/errors.ts escapes the
 * same in messages.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]/gu;

/** Each UTF-16 unit as JSON, JavaScript and people write it. */
const escapeUnits = (text: string): string =>
  Array.from(
    { length: text.length },
    (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');

/**
 * Text from an agent or a file, for a terminal or a report: invisible
 * characters become escapes, except line ends.
 */
export function plain(text: string): string {
  return text.replaceAll(UNSEEN, (character) =>
    character === '\n' ? character : escapeUnits(character),
  );
}

/** The same where a line end would be misread. */
export const oneLine = (text: string): string =>
  plain(text).replaceAll('\n', ' ');

/** The same, such that only the first line could be taken for ours. */
export const indented = (text: string): string =>
  plain(text).replaceAll('\n', '\n    ');

/** JSON without invisible characters. */
export const plainJson = (value: unknown, space?: number): string =>
  plain(JSON.stringify(value, undefined, space));

/** JSON of a value whose texts are shown as {@link plain} has them. */
export const jsonOfPlain = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'string' ? plain(member) : member,
  );

/** A verdict, its place, and its agent. */
export const headOf = ({ verdict, step, call, agent }: Finding): string =>
  `${verdict} at step ${step} (${call}) by the ${agent}`;

/** `clause` if the finding's clause was broken, `checks` if it was under test. */
export const clauseLabel = ({ clauseOf }: Finding): 'clause' | 'checks' =>
  clauseOf === undefined ? 'clause' : 'checks';

/** A finding in words: clause, expected and observed result. */
export function describeFinding(finding: Finding): string {
  const { clause, expected, got, why } = finding;
  return [
    headOf(finding),
    `${clauseLabel(finding)}: ${clause.source}, ${clause.section}`,
    `"${clause.sentence}"`,
    `expected: ${expected}`,
    `actual: ${got}`,
    ...(why === undefined ? [] : [`known: ${why}`]),
  ]
    .map(indented)
    .join('\n');
}
