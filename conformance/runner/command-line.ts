/**
 * Splits a command line into program and arguments. No shell is used: nothing
 * in it is expanded.
 *
 * Blanks separate words, and `"…"` keeps blanks. Elsewhere than on Windows
 * quotes and `\` are as in a shell. On Windows a `\` is a character of a path:
 * it escapes a `"` that follows it, as Microsoft's C runtime has it (in front
 * of one, two stand for one), and `'…'` quotes a word only from its beginning
 * on, so that `O'Brien` is a name.
 *
 * @throws {SyntaxError} a quote is not closed, or the program is missing.
 */
export function splitCommandLine(
  line: string,
  platform: NodeJS.Platform = process.platform,
): string[] {
  const onWindows = platform === 'win32';
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  let at = 0;
  while (at < line.length) {
    const character = line[at]!;
    const escaped =
      quote === "'"
        ? undefined
        : (onWindows ? escapedOnWindows : escapedElsewhere)(line, at);
    if (escaped) {
      word = (word ?? '') + escaped.text;
      at += escaped.length;
      continue;
    }
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word = (word ?? '') + character;
    } else if (
      character === '"' ||
      (character === "'" && !(onWindows && word !== undefined))
    ) {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
    at += 1;
  }
  if (quote !== undefined) {
    const hint =
      onWindows && line.includes('\\"')
        ? ' (a "\\" in front of a quote escapes it: write "\\\\")'
        : '';
    throw new SyntaxError(
      `the quote ${quote} is not closed in: ${line}${hint}`,
    );
  }
  if (word !== undefined) words.push(word);
  if (words.length === 0) throw new SyntaxError('the command line is empty');
  return words;
}

/** An escaped text, and how many characters it takes in the command line. */
interface Escaped {
  text: string;
  length: number;
}

/** A backslash in front of a quote, a blank, or itself. */
function escapedElsewhere(line: string, at: number): Escaped | undefined {
  const next = line[at + 1];
  return line[at] === '\\' && next !== undefined && /["'\s\\]/.test(next)
    ? { text: next, length: 2 }
    : undefined;
}

/** Backslashes: halved in front of a quote, which the last odd one escapes. */
function escapedOnWindows(line: string, at: number): Escaped | undefined {
  const [run = ''] = /^\\+/.exec(line.slice(at)) ?? [];
  if (run === '') return undefined;
  if (line[at + run.length] !== '"') return { text: run, length: run.length };
  const half = '\\'.repeat(Math.floor(run.length / 2));
  return run.length % 2 === 1
    ? { text: `${half}"`, length: run.length + 1 }
    : { text: half, length: run.length };
}
