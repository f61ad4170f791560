import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The package, as users load it. */
export const library = pathToFileURL(
  path.resolve(import.meta.dirname, '../../../lib/index.js'),
).href;

/** Node's arguments for a program in one string. */
export function programOf(text: string): string[] {
  return ['--input-type=module', '--eval', text];
}
