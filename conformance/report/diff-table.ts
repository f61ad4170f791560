import { changeKinds, type Change } from './compare.js';
import type { VerdictPair } from './types.js';
import type { Colours } from './colours.js';
import { oneLine } from './text.js';

const headings: Record<Change['kind'], string> = {
  regression: 'regressions',
  missing: 'no longer run',
  other: 'other changes',
  improvement: 'improvements',
  new: 'new',
};

/** Both verdicts of a case in a few words. */
export function describePair(pair: VerdictPair | null): string {
  return pair === null
    ? 'not run'
    : `data ${pair.data ?? '–'}, teardown ${pair.teardown ?? '–'}`;
}

/** The changes, for a terminal: regressions first. */
export function diffTable(
  changes: readonly Change[],
  colours: Colours,
): string {
  const { good, bad, doubtful, strong, quiet } = colours;
  if (changes.length === 0) return `${good('no differences')}\n`;
  const paint: Record<Change['kind'], (text: string) => string> = {
    regression: bad,
    missing: bad,
    other: doubtful,
    improvement: good,
    new: strong,
  };
  const parts = changeKinds.flatMap((kind) => {
    const of = changes.filter((change) => change.kind === kind);
    if (of.length === 0) return [];
    const lines = of.map(
      ({ name, before, after }) =>
        `  ${oneLine(name)}\n` +
        `      ${quiet('before')}  ${describePair(before)}\n` +
        `      ${quiet('after')}   ${describePair(after)}`,
    );
    return [
      `${paint[kind](`${of.length} ${headings[kind]}`)}\n${lines.join('\n')}`,
    ];
  });
  return `${parts.join('\n\n')}\n`;
}
