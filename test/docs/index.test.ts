import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';

// docs/README.md lists every page of docs/, and marks those that the package lacks.

const root = path.resolve(import.meta.dirname, '../../..');
const read = (name: string) => readFileSync(path.join(root, name), 'utf8');

t.test('the index of the documentation', (t) => {
  const { files } = JSON.parse(read('package.json')) as { files: string[] };
  const isPacked = (page: string) =>
    !files.some(
      (file) => file.startsWith('!') && page.startsWith(file.slice(1)),
    );
  const pages = readdirSync(path.join(root, 'docs'), { recursive: true })
    .map((name) => String(name).replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.md') && name !== 'README.md');
  const index = read('docs/README.md');
  for (const page of pages) {
    const [, mark] =
      new RegExp(`\\]\\(${page}\\)( \\(repository only\\))?`).exec(index) ?? [];
    t.ok(index.includes(`](${page})`), `${page} is listed`);
    t.equal(mark === undefined, isPacked(`docs/${page}`), `${page} is marked`);
  }
  t.end();
});
