/**
 * Splits a command line into program and arguments: at blanks, with quotes as
 * in a shell and `\` before a quote, a blank or itself. There is no shell:
 * what stands in it is never expanded.
 *
 * @throws {SyntaxError} a quote is not closed, or there is no program.
 */
export function splitCommandLine(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at]!;
    const next = line[at + 1];
    if (
      character === '\\' &&
      quote !== "'" &&
      next !== undefined &&
      /["'\s\\]/.test(next)
    ) {
      word = (word ?? '') + next;
      at += 1;
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote !== undefined) {
    throw new SyntaxError(`the quote ${quote} is not closed in: ${line}`);
  }
  if (word !== undefined) words.push(word);
  if (words.length === 0) throw new SyntaxError('the command line is empty');
  return words;
}
