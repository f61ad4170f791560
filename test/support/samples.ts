import { readFileSync } from 'node:fs';
import path from 'node:path';

// The compiled tests stand two folders below the project's root.
const root = path.resolve(import.meta.dirname, '../../..');

/** A fenced block of a page. */
export interface Sample {
  /** The page's path, relative to the project's root. */
  readonly page: string;
  /** The block's first line. */
  readonly line: number;
  /** The word after the fence: `js`, `ts`, `sh`, or nothing. */
  readonly language: string;
  readonly code: string;
}

/** @param page as `docs/api.md`. */
export function samplesOf(page: string): Sample[] {
  const samples: Sample[] = [];
  let open: { line: number; language: string; lines: string[] } | undefined;
  const lines = readFileSync(path.join(root, page), 'utf8').split('\n');
  for (const [index, line] of lines.entries()) {
    const fence = /^```(\w*)/.exec(line);
    if (!fence) {
      open?.lines.push(line);
    } else if (open) {
      const { line: begin, language, lines: code } = open;
      samples.push({ page, line: begin, language, code: code.join('\n') });
      open = undefined;
    } else {
      open = { line: index + 1, language: fence[1]!, lines: [] };
    }
  }
  return samples;
}
