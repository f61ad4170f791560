// The targets with their flags, and the record of a build's sources.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addonSources } from '../addon.mjs';
import { filesUnder } from '../files.mjs';

/** The files of prebuilds/, each with its hash and that of its sources. */
export const manifestFile = join('prebuilds', 'manifest.json');

/** The version of Node whose headers are used for every target. */
export const HEADERS = '20.20.2';

const target = (folder, triple, system, libc) => ({
  name: libc ? `${folder}.${libc}` : folder,
  file: `${folder}/goodbyte${libc ? `.${libc}` : ''}.node`,
  triple,
  system,
});

/** Names are prebuildify's, triples zig's, systems gyp's. */
export const targets = [
  target('linux-x64', 'x86_64-linux-gnu.2.28', 'linux', 'glibc'),
  target('linux-x64', 'x86_64-linux-musl', 'linux', 'musl'),
  target('linux-arm64', 'aarch64-linux-gnu.2.28', 'linux', 'glibc'),
  target('linux-arm64', 'aarch64-linux-musl', 'linux', 'musl'),
  target('darwin-x64', 'x86_64-macos.11.0', 'mac'),
  target('darwin-arm64', 'aarch64-macos.11.0', 'mac'),
  target('win32-x64', 'x86_64-windows-gnu', 'win'),
  target('win32-arm64', 'aarch64-windows-gnu', 'win'),
  target('win32-ia32', 'x86-windows-gnu', 'win'),
];

/** Flags besides those of binding.gyp. */
export const compileFlags = [
  '-Os',
  '-g0',
  '-fPIC',
  '-fvisibility-inlines-hidden',
  '-ffunction-sections',
  '-fdata-sections',
  '-fno-sanitize=all',
  '-DBUILDING_NODE_EXTENSION',
  '-DNODE_GYP_MODULE_NAME=goodbyte',
  '-DNODE_ADDON_API_DISABLE_DEPRECATED',
];

/**
 * Flags for each link: no symbols, and optimization, without which zig makes a UBSan
 * runtime for the target that nothing here uses.
 */
export const leanFlags = ['-s', '-Os'];

export const linkFlags = {
  linux: [
    '-Wl,--gc-sections',
    '-Wl,--version-script=scripts/prebuild/exports.map',
  ],
  mac: [
    '-undefined',
    'dynamic_lookup',
    '-Wl,-dead_strip',
    '-install_name',
    '@rpath/goodbyte.node',
  ],
  win: ['-Wl,--gc-sections'],
};

/**
 * A hash over everything that determines a prebuilt addon: its sources, the flags,
 * the compiler and the versions of the headers.
 */
export function fingerprint(root) {
  const hash = createHash('sha256');
  const recipe = ['scripts/gyp.mjs', 'scripts/prebuild.mjs'];
  const files = [
    ...addonSources(root),
    ...recipe,
    ...filesUnder(root, join('scripts', 'prebuild')),
  ];
  for (const file of files) {
    hash.update(`${file.replaceAll('\\', '/')}\0`);
    hash.update(readFileSync(join(root, file)));
    hash.update('\0');
  }
  const { packages } = JSON.parse(
    readFileSync(join(root, 'package-lock.json')),
  );
  hash.update(packages['node_modules/node-addon-api'].integrity);
  return hash.digest('hex');
}

export function sha256(octets) {
  return createHash('sha256').update(octets).digest('hex');
}
