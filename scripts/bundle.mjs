// Bundles what the package's users load: an entry of `exports` or `bin` each,
// and what several of them share once. A tenth of the files loads in half the
// time. Tests and commands of the checkout use dist/ instead, file by file, so
// that coverage and stack traces name the sources.
//
//   node scripts/bundle.mjs

import { readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json')));

/** By the file in lib/, the compiled one that it is made of. */
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
    // Names stay, for stack traces.
    minifyWhitespace: true,
    lineLimit: 160,
    logLevel: 'warning',
  });
}
