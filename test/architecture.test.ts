import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';

// docs/architecture.md, "Imports run downwards". A file belongs to the first
// layer whose pattern it matches, and may import from its own layer and from
// the named ones.
const layers = [
  {
    name: 'command line',
    of: /^cli\//,
    // It measures Windows' own providers where the documentation is silent.
    uses: ['suite', 'api', 'choice', 'winsock2', 'addon', 'seam'],
  },
  // Puts mistakes into the code, for the suite to notice.
  {
    name: 'mutation',
    of: /^conformance\/mutate\//,
    uses: ['suite', 'frames', 'parts', 'stream'],
  },
  {
    name: 'suite',
    of: /^conformance\//,
    uses: ['winsock', 'api', 'choice', 'seam'],
  },
  {
    name: 'winsock',
    of: /^src\/winsock\//,
    uses: ['arguments', 'choice', 'seam'],
  },
  {
    name: 'choice',
    of: /^src\/provider\/(select|catalog)\.ts$/,
    uses: ['framed', 'winsock2', 'addon', 'seam'],
  },
  {
    name: 'seam',
    of: /^src\/provider\/(provider|targets|socket-options)\.ts$/,
    uses: [],
  },
  // Parts shared by several providers.
  {
    name: 'parts',
    of: /^src\/provider\/(attempts|inbox|linger-watch|receive-queue|resolve|system-errors)\.ts$/,
    uses: ['seam'],
  },
  {
    name: 'winsock2',
    of: /^src\/provider\/winsock2\//,
    uses: ['parts', 'addon', 'seam'],
  },
  {
    name: 'stream',
    of: /^src\/provider\/framed\/stream\//,
    // Facts about a descriptor, from the system.
    uses: ['frames', 'parts', 'addon', 'seam'],
  },
  {
    name: 'engine',
    of: /^src\/provider\/framed\/engine\//,
    uses: ['frames', 'parts', 'addon', 'seam'],
  },
  // The framed provider's choice of transports.
  {
    name: 'framed',
    of: /^src\/provider\/framed\/(provider|transports)\.ts$/,
    uses: ['engine', 'stream', 'frames', 'addon', 'seam'],
  },
  {
    name: 'frames',
    of: /^src\/provider\/framed\//,
    uses: ['parts', 'seam'],
  },
  { name: 'addon', of: /^src\/native(-winsock)?\.ts$/, uses: [] },
  { name: 'arguments', of: /^src\/arguments\.ts$/, uses: [] },
  { name: 'vocabulary', of: /^src\/vocabulary\//, uses: [] },
  {
    name: 'structure',
    of: /^src\/(address-list|chain|on-demand|runtime|tcp-reset|time-limit)\.ts$/,
    uses: [],
  },
  { name: 'api', of: /^src\//, uses: ['arguments', 'choice', 'seam'] },
] as const;

// For every layer; imports from none.
const forAll = ['vocabulary', 'structure'];

const root = path.resolve(import.meta.dirname, '../..');

function layerOf(file: string) {
  const layer = layers.find(({ of }) => of.test(file));
  if (!layer) throw new Error(`${file} belongs to no layer`);
  return layer;
}

function importsOf(file: string): string[] {
  const source = readFileSync(path.join(root, file), 'utf8');
  return Array.from(
    source.matchAll(/(?:from|import) '(\.[^']+)\.js'/g),
    ([, specifier]) =>
      path.posix.join(path.posix.dirname(file), `${specifier}.ts`),
  );
}

t.test('imports run downwards', (t) => {
  for (const folder of ['cli', 'src', 'conformance']) {
    const files = readdirSync(path.join(root, folder), { recursive: true })
      .map((file) =>
        path.posix.join(folder, String(file).replaceAll('\\', '/')),
      )
      .filter((file) => file.endsWith('.ts'));
    t.ok(files.length > 0, folder);
    for (const file of files) {
      const { name, uses } = layerOf(file);
      const allowed: string[] = [name, ...forAll, ...uses];
      for (const imported of importsOf(file)) {
        t.ok(
          allowed.includes(layerOf(imported).name),
          `${file} (${name}) imports ${imported}`,
        );
      }
    }
  }
  t.end();
});

t.test('network events are named where Winsock is', (t) => {
  const allowed =
    /^(vocabulary|winsock|provider\/winsock2)\/|^native-winsock\.ts$/;
  const src = path.join(root, 'src');
  for (const found of readdirSync(src, { recursive: true })) {
    const file = String(found).replaceAll('\\', '/');
    if (!file.endsWith('.ts') || allowed.test(file)) continue;
    t.notMatch(readFileSync(path.join(src, file), 'utf8'), /\bFD_[A-Z]/, file);
  }
  t.end();
});

t.test('a long file says why', (t) => {
  // A test's cases may be many; what tests share is code like any other.
  const isSource = /(?<!\.test)\.(ts|mjs|cc|h|py)$/;
  const folders = ['cli', 'src', 'conformance', 'native', 'scripts'];
  for (const folder of [...folders, 'bench', 'test']) {
    const files = readdirSync(path.join(root, folder), { recursive: true });
    for (const file of files.map(String)) {
      if (!isSource.test(file) || file.includes('node_modules')) continue;
      const source = readFileSync(path.join(root, folder, file), 'utf8');
      if (source.split('\n').length <= 401) continue;
      const [opening] = source.split(/\n(?:import|#include) /);
      t.match(opening, /^(?:\/\/ )?Longer than other files: \w/m, file);
    }
  }
  t.end();
});
