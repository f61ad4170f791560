// Each bundler makes one file of a program, which runs alone in a folder: on Node's
// streams, and on the engine with the addon beside it.

import assert from 'node:assert/strict';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import commonjs from '@rollup/plugin-commonjs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build } from 'esbuild';
import { rolldown } from 'rolldown';
import { rollup } from 'rollup';
import { build as viteBuild } from 'vite';
import webpack from 'webpack';
import { node, run } from '../support/run.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

const temporary = mkdtempSync(join(tmpdir(), 'goodbyte-bundlers-'));
after(() => rmSync(temporary, { recursive: true, force: true }));

// Uses the package without its addons, since webpack's bundles know its folder.
const input = join(temporary, 'program.js');
copyFileSync(at('program.js'), input);
cpSync(at('node_modules/goodbyte'), join(temporary, 'node_modules/goodbyte'), {
  recursive: true,
  filter: (path) => !path.includes('prebuilds'),
});

/** This machine's addon in the package, if it has one. */
function addon() {
  const folder = at(
    `node_modules/goodbyte/prebuilds/${process.platform}-${process.arch}`,
  );
  if (!existsSync(folder)) return undefined;
  const files = readdirSync(folder);
  const fits = files.find((file) => file.includes('glibc')) ?? files[0];
  return join(folder, fits);
}

const environment = { ...process.env };
delete environment.GOODBYTE_TRANSPORT;
delete environment.GOODBYTE_ADDON;

/** Runs the bundle, without and with the addon beside it. */
async function check(folder, go) {
  const options = { cwd: folder, env: environment };
  assert.equal(await go(options), 'stream: answer to goodbye\n');
  const file = addon();
  if (!file) return;
  copyFileSync(file, join(folder, 'goodbyte.node'));
  assert.equal(await go(options), 'engine: answer to goodbye\n');
}

const withEsbuild = (format, outfile) =>
  build({
    entryPoints: [input],
    bundle: true,
    platform: 'node',
    format,
    outfile,
    // It warns that CommonJS has no import.meta, which the program checks first.
    logLevel: 'error',
  });

async function withRollup(format, file) {
  const bundle = await rollup({
    input,
    plugins: [nodeResolve({ preferBuiltins: true }), commonjs()],
  });
  await bundle.write({ file, format, inlineDynamicImports: true });
  await bundle.close();
}

async function withRolldown(format, file) {
  const bundle = await rolldown({ input, platform: 'node' });
  await bundle.write({ file, format, codeSplitting: false });
  await bundle.close();
}

const withWebpack = (folder, file) =>
  new Promise((resolve, reject) => {
    const options = {
      mode: 'production',
      target: 'node20',
      entry: input,
      output: { path: folder, filename: file },
    };
    webpack(options, (error, stats) => {
      if (error ?? stats.hasErrors()) reject(error ?? stats.toString());
      else resolve();
    });
  });

const withVite = (folder, file) =>
  viteBuild({
    root: temporary,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: input,
      outDir: folder,
      rollupOptions: { output: { entryFileNames: file } },
    },
  });

const bun = at('node_modules/.bin/bun');

const withBun = (format, outfile) =>
  run(bun, [
    'build',
    input,
    '--target=node',
    `--format=${format}`,
    `--outfile=${outfile}`,
  ]);

/** Each bundles the program into `folder/file`. */
const bundlers = {
  'esbuild, ESM': ['out.mjs', (out) => withEsbuild('esm', out)],
  'esbuild, CommonJS': ['out.cjs', (out) => withEsbuild('cjs', out)],
  'webpack, CommonJS': ['out.cjs', (_, ...where) => withWebpack(...where)],
  'Rollup, ESM': ['out.mjs', (out) => withRollup('es', out)],
  'Rollup, CommonJS': ['out.cjs', (out) => withRollup('cjs', out)],
  'Rolldown, ESM': ['out.mjs', (out) => withRolldown('es', out)],
  'Rolldown, CommonJS': ['out.cjs', (out) => withRolldown('cjs', out)],
  'Bun, ESM': ['out.mjs', (out) => withBun('esm', out)],
  'Bun, CommonJS': ['out.cjs', (out) => withBun('cjs', out)],
  'Vite SSR': ['out.mjs', (_, ...where) => withVite(...where)],
};

for (const [name, [file, make]] of Object.entries(bundlers)) {
  test(name, async () => {
    const folder = join(temporary, name.replace(/\W+/g, '-'));
    mkdirSync(folder);
    const out = join(folder, file);
    await make(out, folder, file);
    await check(folder, (options) => node([out], options));
  });
}

test('a single executable of Node', async () => {
  const folder = join(temporary, 'sea');
  mkdirSync(folder);
  await withEsbuild('cjs', join(folder, 'out.cjs'));
  const config = {
    main: 'out.cjs',
    output: 'blob',
    disableExperimentalSEAWarning: true,
  };
  writeFileSync(join(folder, 'sea.json'), JSON.stringify(config));
  await node(['--experimental-sea-config', 'sea.json'], { cwd: folder });
  const program = join(
    folder,
    process.platform === 'win32' ? 'out.exe' : 'out',
  );
  copyFileSync(process.execPath, program);
  await node([
    at('node_modules/postject/dist/cli.js'),
    program,
    'NODE_SEA_BLOB',
    join(folder, 'blob'),
    '--sentinel-fuse',
    'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
  ]);
  await check(folder, (options) => run(program, [], options));
});

test('a single executable of Bun', async () => {
  const folder = join(temporary, 'bun-compile');
  mkdirSync(folder);
  const program = join(
    folder,
    process.platform === 'win32' ? 'out.exe' : 'out',
  );
  await run(bun, ['build', input, '--compile', `--outfile=${program}`]);
  const options = { cwd: folder, env: environment };
  // The engine needs libuv, which Bun does not have.
  assert.equal(await run(program, [], options), 'stream: answer to goodbye\n');
});
