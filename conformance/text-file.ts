import { readFileSync } from 'node:fs';

/** A text without the byte order mark that some editors put in front. */
export const withoutMark = (text: string): string =>
  text.replace(/^\uFEFF/, '');

/**
 * The text of a file that people write: UTF-8, or UTF-16 as PowerShell's
 * redirection makes it, which its byte order mark shows.
 */
export function readText(file: string): string {
  const octets = readFileSync(file);
  const isUtf16 = octets[0] === 0xff && octets[1] === 0xfe;
  return withoutMark(octets.toString(isUtf16 ? 'utf16le' : 'utf8'));
}
