import { parseArgs, type ParseArgsConfig } from 'node:util';
import { didYouMean } from './near.js';

/** The command line asks for something that does not exist. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Options = NonNullable<ParseArgsConfig['options']>;

type Values<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T; strict: true; allowPositionals: false }>
>['values'];

/**
 * util.parseArgs, with an error for the user.
 *
 * @throws {UsageError}
 */
export function parseOptions<const T extends Options>(
  args: readonly string[],
  options: T,
): Values<T> {
  try {
    return parseArgs({
      args: [...args],
      options,
      strict: true,
      allowPositionals: false,
    }).values;
  } catch (error) {
    throw usageErrorOf(error as Error, options);
  }
}

function usageErrorOf({ message }: Error, options: Options): UsageError {
  const [sentence = ''] = message.split('. ');
  const unknown = /^Unknown option '--([^']*)'/.exec(sentence)?.[1];
  if (unknown === undefined) return new UsageError(sentence);
  const names = [...Object.keys(options), 'help'];
  const meant = didYouMean(
    `--${unknown}`,
    names.map((name) => `--${name}`),
  );
  return new UsageError(`${sentence}${meant}`);
}

/** A whole number of at least `least`. */
export function wholeNumber(
  option: string,
  text: string | undefined,
  least: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least || text.trim() === '') {
    throw new UsageError(
      `--${option} takes a whole number from ${least} on, not "${text}"`,
    );
  }
  return value;
}

/**
 * The same, with file names beside the options.
 *
 * @throws {UsageError}
 */
export function parseWithFiles<const T extends Options>(
  args: readonly string[],
  options: T,
): { values: Values<T>; files: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      strict: true,
      allowPositionals: true,
    });
    return { values, files: positionals };
  } catch (error) {
    throw usageErrorOf(error as Error, options);
  }
}
