// Compiles the addon for every platform that gets a prebuilt one, from Linux on
// x64, into prebuilds/, in prebuildify's layout. The compiler is zig, from npm, in
// .cache; it brings the C libraries of all systems.
//
//   node scripts/prebuild.mjs                      all targets
//   node scripts/prebuild.mjs --only linux-x64     those with this in their names
//
// prebuilds/manifest.json has the hash of each file and of its sources
// (scripts/check-prebuilds.mjs).

import { execSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addonTarget } from './gyp.mjs';
import { parseOptions } from './options.mjs';
import {
  clearTimestamps,
  undefinedInCoff,
  undefinedOfCpp,
} from './prebuild/images.mjs';
import { hostThunks } from './prebuild/host-thunks.mjs';
import {
  compileFlags,
  fingerprint,
  leanFlags,
  linkFlags,
  manifestFile,
  sha256,
  targets,
} from './prebuild/targets.mjs';
import { runsBeforeBuild } from './prebuild/lifecycle.mjs';
import { CompileError, headers, zigRunner } from './prebuild/tools.mjs';
import { sideBySide } from './side-by-side.mjs';

// Before `npm run build` there is nothing to do.
if (runsBeforeBuild()) process.exit();

const { only = [] } = parseOptions({
  options: { only: { type: 'string', multiple: true } },
}).values;
const chosen = targets.filter(
  ({ name }) =>
    only.length === 0 || only.some((wanted) => name.includes(wanted)),
);
if (chosen.length === 0) {
  const names = targets.map(({ name }) => name).join(', ');
  process.stderr.write(`--only takes a part of one of: ${names}\n`);
  process.exit(2);
}

if (process.platform !== 'linux' || process.arch !== 'x64') {
  process.stderr.write('no addon is prebuilt: this needs Linux on x64\n');
  // npm may have run this before `build`, which has to continue.
  process.exit();
}

// From here on names are relative to the root, since they end up in the built files.
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const cache = join('.cache', 'prebuild');
const runZig = zigRunner(cache);
const nodeHeaders = headers(cache);

/** A folder with headers; gyp may give a command for it. */
function includeFolder(text) {
  const command = /^<!@?\((.*)\)$/.exec(text)?.[1];
  return command ? execSync(command, { encoding: 'utf8' }).trim() : text;
}

async function build({ name, file, triple, system }) {
  const settings = addonTarget('.', system);
  const objects = join(cache, 'objects', name);
  const output = join('prebuilds', file);
  rmSync(objects, { recursive: true, force: true });
  mkdirSync(objects, { recursive: true });
  mkdirSync(dirname(output), { recursive: true });

  const compile = async (source) => {
    const object = join(objects, `${source.replaceAll(/[\\/]/g, '_')}.o`);
    const flags = source.endsWith('.c')
      ? compileFlags
      : [
          ...compileFlags,
          // clang compiles for all systems, so these serve everywhere.
          ...addonTarget('.', 'linux').cflags_cc,
          '-fvisibility-global-new-delete=force-hidden',
          ...settings.defines.map((define) => `-D${define}`),
          ...settings.include_dirs.map((text) => `-I${includeFolder(text)}`),
          '-isystem',
          nodeHeaders,
        ];
    await runZig([
      source.endsWith('.c') ? 'cc' : 'c++',
      '-target',
      triple,
      ...flags,
      '-c',
      source,
      '-o',
      object,
    ]);
    return object;
  };

  const linked = [];
  await sideBySide(
    [...settings.sources, 'scripts/prebuild/runtime.cc'],
    async (source) => linked.push(await compile(source)),
  );
  if (system === 'win') {
    const thunks = join(objects, 'thunks.c');
    writeFileSync(
      thunks,
      hostThunks(
        linked.flatMap((object) => undefinedInCoff(readFileSync(object))),
      ),
    );
    linked.push(await compile(thunks));
  }
  await runZig([
    'cc',
    '-target',
    triple,
    '-shared',
    ...leanFlags,
    ...linked.toSorted(),
    ...linkFlags[system],
    ...(settings.libraries ?? []),
    '-o',
    output,
  ]);
  // Removes other files that the linker leaves beside a DLL.
  for (const ending of ['.lib', '.pdb']) {
    rmSync(output.replace(/\.node$/, ending), { force: true });
  }
  const image = readFileSync(output);
  if (system === 'win') {
    clearTimestamps(image);
    writeFileSync(output, image);
  }
  const names = system === 'win' ? [] : undefinedOfCpp(image, system);
  if (names.length > 0) {
    throw new CompileError(
      `prebuild/runtime.cc lacks these functions of C++'s library, which the addon uses:\n` +
        names.join('\n'),
    );
  }
  return image;
}

const sources = fingerprint('.');
const manifest = existsSync(manifestFile)
  ? JSON.parse(readFileSync(manifestFile, 'utf8'))
  : {};
// Most of the time goes into a target's C library, which takes one processor.
await sideBySide(chosen, async (target) => {
  const began = Date.now();
  const title = target.name.padEnd(18);
  delete manifest[target.file];
  try {
    const image = await build(target);
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    manifest[target.file] = {
      sha256: sha256(image),
      size: image.length,
      sources,
    };
    process.stdout.write(
      `ok      ${title} ${String(image.length).padStart(7)} octets, ` +
        `${seconds.padStart(5)} s\n`,
    );
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    rmSync(join('prebuilds', target.file), { force: true });
    process.stdout.write(`FAILED  ${title}\n${error.message}\n`);
    process.exitCode = 1;
  }
  const entries = targets
    .map(({ file }) => [file, manifest[file]])
    .filter(([, entry]) => entry);
  writeFileSync(
    manifestFile,
    `${JSON.stringify(Object.fromEntries(entries), null, 2)}
`,
  );
});
