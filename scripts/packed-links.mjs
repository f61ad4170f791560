import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesUnder } from './files.mjs';

const LINK = /\]\((?!\w+:|#)([^)\s#]+)/g;

/** The end of a paragraph, a list's item or a table's row. */
const END = /\n(?=\s*\n|\||\s*- )/;

const MARK = /repository\s+only|in\s+the\s+repository/;

/**
 * Links of an installed package's pages that lead out of it, and do not say so in
 * their paragraph or row. The README is left out: it is the repository's first page,
 * and says which pages the package has.
 *
 * @returns {string[]} `page: link`
 */
export function unmarkedLinks(folder) {
  const pages = filesUnder(folder, '.').filter(
    (file) => file.endsWith('.md') && file !== 'README.md',
  );
  return pages.flatMap((page) =>
    readFileSync(join(folder, page), 'utf8')
      .split(END)
      .filter((piece) => !MARK.test(piece))
      .flatMap((piece) => Array.from(piece.matchAll(LINK), ([, link]) => link))
      .filter((link) => !existsSync(join(folder, dirname(page), link)))
      .map((link) => `${page}: ${link}`),
  );
}
