// Bundles the files that users of the package load: one for each entry of `exports`
// or `bin`, and chunks for the parts that several of them share. A tenth of the files
// loads in half the time. Tests and commands of the checkout use dist/ instead, file by
// file, so that coverage and stack traces name the sources. The manual page is
// copied, and the module that tests load as `tap` is bundled too: half of the time
// in which their processes start is tap's.
//
//   node scripts/bundle.mjs

import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesUnder } from './files.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json')));

/** Maps a file in lib/ to the compiled one that it is made of. */
const entryPoints = {};
for (const { types, default: file } of Object.values(manifest.exports ?? {})) {
  if (types) entryPoints[basename(file, '.js')] = types.replace('.d.ts', '.js');
}
for (const file of Object.values(manifest.bin ?? {})) {
  entryPoints[basename(file, '.js')] = 'dist/cli/main.js';
}

rmSync(join(root, 'lib'), { force: true, recursive: true });
if (Object.keys(entryPoints).length > 0) {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir: 'lib',
    bundle: true,
    splitting: true,
    chunkNames: 'shared-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    // Without syntax: it loses a namespace's constants between chunks.
    minifyWhitespace: true,
    minifyIdentifiers: true,
    // Keeps the names of functions and classes, for stack traces.
    keepNames: true,
    logLevel: 'warning',
  });
}

// Compiled tests find it before the installed one.
if (manifest.devDependencies?.tap) {
  const { build } = await import('esbuild');
  const folder = join(root, 'dist', 'node_modules');
  await build({
    entryPoints: [join(root, 'scripts', 'together', 'tap.mjs')],
    // tap leaves the frames of @tapjs out of stack traces.
    outfile: join(folder, '@tapjs', 'all.js'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    minifyWhitespace: true,
    // Some of it is CommonJS.
    banner: {
      js: [
        "import { createRequire as makeRequire } from 'node:module';",
        'const require = makeRequire(import.meta.url);',
      ].join('\n'),
    },
    logLevel: 'warning',
  });
  const files = {
    'index.js':
      "export { current as default, root, take } from '../@tapjs/all.js';\n",
    'package.json': '{ "type": "module", "exports": "./index.js" }\n',
  };
  mkdirSync(join(folder, 'tap'), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, 'tap', name), text);
  }
}

for (const file of manifest.man ?? []) {
  const { manualPage } = await import('../dist/cli/manual-page.js');
  writeFileSync(join(root, file), manualPage(manifest.version));
}

/** The declarations that those of an entry import, itself included. */
function declarationsOf(entries) {
  const found = new Set();
  const left = entries.map((path) => normalize(path));
  for (const path of left) {
    if (found.has(path)) continue;
    found.add(path);
    const text = readFileSync(join(root, path), 'utf8');
    for (const [, name] of text.matchAll(/['"](\.{1,2}\/[^'"]+)\.js['"]/g)) {
      left.push(join(dirname(path), `${name}.d.ts`));
    }
  }
  return found;
}

// npm leaves out the files that a folder's own .npmignore names: declarations that
// no entry leads to.
if (existsSync(join(root, 'dist'))) {
  const entries = Object.values(manifest.exports ?? {}).flatMap(
    ({ types = [] }) => types,
  );
  const needed = declarationsOf(entries);
  const unneeded = filesUnder(root, 'dist')
    .filter((path) => path.endsWith('.d.ts') && !needed.has(path))
    .map((path) => path.split(sep).slice(1).join('/'));
  writeFileSync(join(root, 'dist', '.npmignore'), `${unneeded.join('\n')}\n`);
}
