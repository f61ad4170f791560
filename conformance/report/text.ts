import type { Finding } from '../runner/verdict.js';

/**
 * Text that came from an agent, for a terminal or a file: control characters
 * but line ends become escapes.
 */
export function plain(text: string): string {
  return text.replaceAll(
    // Lone surrogates and the two that are no characters are no XML either.
    /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu,
    (character) =>
      character === '\n'
        ? character
        : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What was not as the clause has it, for a person. */
export function describeFinding(finding: Finding): string {
  const { verdict, step, call, clause, expected, got, why } = finding;
  return plain(
    [
      `${verdict} at step ${step} (${call})`,
      `clause: ${clause.source}, ${clause.section}`,
      `"${clause.sentence}"`,
      `expected: ${expected}`,
      `came: ${got}`,
      ...(why === undefined ? [] : [`known: ${why}`]),
    ].join('\n'),
  );
}
