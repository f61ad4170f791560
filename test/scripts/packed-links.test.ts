import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';

const script = path.resolve(
  import.meta.dirname,
  '../../../scripts/packed-links.mjs',
);

const cases: [page: string, unmarked: string[]][] = [
  ['[here](#heading), [there](https://example.com/x.md)', []],
  ['[a page](other.md#heading), [the top](../README.md)', []],
  ['[gone](gone.md#heading)', ['gone.md']],
  ['[gone](gone.md) (repository\nonly)', []],
  ['[gone](gone.md), which is in the repository', []],
  ['[gone](gone.md)\n\nAnother is in the repository.', ['gone.md']],
  ['| [a](a.md) |\n| [b](b.md) (repository only) |', ['a.md']],
  ['- [a](a.md)\n- [b](b.md) (repository only)', ['a.md']],
];

t.test('links that lead out of a package say so', async (t) => {
  const { unmarkedLinks } = (await import(pathToFileURL(script).href)) as {
    unmarkedLinks: (folder: string) => string[];
  };
  const folder = t.testdir({ 'README.md': '[gone](gone.md)' });
  const docs = path.join(folder, 'docs');
  mkdirSync(docs);
  writeFileSync(path.join(docs, 'other.md'), '');
  for (const [page, unmarked] of cases) {
    writeFileSync(path.join(docs, 'page.md'), page);
    t.strictSame(
      unmarkedLinks(folder),
      unmarked.map((link) => `${path.join('docs', 'page.md')}: ${link}`),
      page,
    );
  }
});
