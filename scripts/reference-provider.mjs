// Compiles the reference provider (conformance/reference-provider), its broken
// twins and a layer above it into dist/conformance/reference-provider, from Linux on x64.
//
//   node scripts/reference-provider.mjs              for Windows on x64
//   node scripts/reference-provider.mjs --all        and on ia32 and arm64
//   node scripts/reference-provider.mjs --only win32-ia32
//   node scripts/reference-provider.mjs --test-host  and the test's host
//
// Unchanged files are not compiled again.

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesUnder } from './files.mjs';
import { addonTarget } from './gyp.mjs';
import { parseOptions } from './options.mjs';
import { clearTimestamps } from './prebuild/images.mjs';
import { compileFlags, leanFlags, targets } from './prebuild/targets.mjs';
import { CompileError, zigRunner } from './prebuild/tools.mjs';
import { sideBySide } from './side-by-side.mjs';

const {
  all,
  only,
  'test-host': withHost,
} = parseOptions({
  options: {
    all: { type: 'boolean', default: false },
    only: { type: 'string', default: 'win32-x64' },
    'test-host': { type: 'boolean', default: false },
  },
}).values;

if (process.platform !== 'linux' || process.arch !== 'x64') {
  process.stderr.write(
    'the reference provider is compiled on Linux on x64, with zig\n',
  );
  process.exit(1);
}

// Relative to the root, since names end up in the built files.
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const cache = join('.cache', 'prebuild');
const folder = join('conformance', 'reference-provider');
const twinSource = join(folder, 'twins', 'twin.cc');
const layerSource = join(folder, 'layer', 'layer.cc');

/** Their indexes are their numbers in twin.cc; the first one is honest. */
const twins = [
  undefined,
  'drops-disconnect-data',
  'truncates',
  'wrong-codes',
  'hangs-in-connect',
  'declares-nothing',
  'null-entries',
  'wrong-version',
  'fails-to-start',
  'faults-in-connect',
  'accepts-anyway',
];

const runtime = 'scripts/prebuild/runtime.cc';
const own = filesUnder('.', folder).filter(
  (file) => file.endsWith('.cc') && !file.endsWith('_tool.cc'),
);
const ofHost = (file) => file.startsWith(join(folder, 'test'));
const hostSources = own.filter(ofHost);
const sources = [
  ...own.filter(
    (file) => !ofHost(file) && file !== twinSource && file !== layerSource,
  ),
  'native/framing/decoder.cc',
  runtime,
];

const flags = [
  // It defines Node's functions.
  ...compileFlags.filter((flag) => !flag.startsWith('-D')),
  ...addonTarget('.', 'linux').cflags_cc,
  '-fno-threadsafe-statics',
  '-fvisibility-global-new-delete=force-hidden',
  '-DNOMINMAX',
  '-DUNICODE',
  '-DWIN32_LEAN_AND_MEAN',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wno-unknown-pragmas',
  `-I${folder}`,
  '-Inative',
];

const runZig = zigRunner(cache);

/** Removes other files that the linker leaves beside images. */
function removeBesides(images) {
  for (const file of filesUnder('.', images)) {
    if (/\.(lib|pdb)$/.test(file)) rmSync(file);
  }
}

async function build({ name, triple }) {
  const objects = join(cache, 'objects', 'reference-provider', name);
  const output = join('dist', folder, name);
  for (const made of [objects, output]) {
    rmSync(made, { recursive: true, force: true });
    mkdirSync(made, { recursive: true });
  }

  const objectOf = (title) =>
    join(objects, `${title.replaceAll(/[\\/]/g, '_')}.o`);
  const compile = ({ source, title = source, more = [] }) =>
    runZig([
      'c++',
      '-target',
      triple,
      ...flags,
      ...more,
      '-c',
      source,
      '-o',
      objectOf(title),
    ]);
  const link = async (image, titles, more = []) => {
    await runZig([
      'cc',
      '-target',
      triple,
      ...leanFlags,
      ...titles.map(objectOf),
      '-Wl,--gc-sections',
      ...more,
      '-lws2_32',
      '-o',
      image,
    ]);
    const octets = readFileSync(image);
    clearTimestamps(octets);
    writeFileSync(image, octets);
  };

  await sideBySide(
    [
      ...[...sources, layerSource].map((source) => ({ source })),
      ...twins.map((_, number) => ({
        source: twinSource,
        title: `twin-${number}`,
        more: [`-DGOODBYTE_TWIN=${number}`],
      })),
      ...(withHost ? hostSources.map((source) => ({ source })) : []),
    ],
    compile,
  );
  const linkTwin = ([number, twin]) =>
    link(
      join(output, `goodbyte-provider${twin ? `-${twin}` : ''}.dll`),
      [...sources, `twin-${number}`],
      ['-shared', join(folder, 'exports.def')],
    );
  // The first link makes the system's libraries, in zig's cache, on all processors;
  // two at once would make them twice.
  const [honest, ...broken] = twins.entries();
  await linkTwin(honest);
  await sideBySide(broken, linkTwin);
  await link(
    join(output, 'goodbyte-layer.dll'),
    [layerSource, runtime],
    ['-shared', join(folder, 'layer', 'exports.def')],
  );
  if (withHost) {
    await link(join(output, 'test-host.exe'), [...hostSources, runtime]);
  }
  removeBesides(output);
}

/** A hash over everything that determines the build. */
function fingerprint() {
  const hash = createHash('sha256').update(JSON.stringify(flags));
  const files = [
    ...filesUnder('.', folder),
    ...filesUnder('.', join('native', 'framing')),
    ...filesUnder('.', join('scripts', 'prebuild')),
    'scripts/reference-provider.mjs',
  ];
  for (const file of files) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}

const now = fingerprint();
for (const target of targets.filter(({ system }) => system === 'win')) {
  if (!all && target.name !== only) continue;
  const output = join('dist', folder, target.name);
  const stamp = join(output, '.built');
  const lacksHost = withHost && !existsSync(join(output, 'test-host.exe'));
  const isCurrent = existsSync(stamp) && readFileSync(stamp, 'utf8') === now;
  if (isCurrent && !lacksHost) continue;
  const began = Date.now();
  try {
    await build(target);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    process.stdout.write(`FAILED  ${target.name}\n${error.message}\n`);
    process.exitCode = 1;
    continue;
  }
  writeFileSync(stamp, now);
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  process.stdout.write(`ok      ${output}, ${seconds} s\n`);
}
