import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

/** The data of a report's page, as JSON. */
export function dataOf(page: string): string {
  const [, data = ''] = /<script id="data"[^>]*>([^<]*)</.exec(page) ?? [];
  return inflateRawSync(Buffer.from(data, 'base64')).toString();
}

/** The text of a report in any format. */
export function wordsOf(format: string, file: string): string {
  const text = readFileSync(file, 'utf8');
  return format === 'html' ? dataOf(text) : text;
}
