// Requirements for building the addon on this machine.

import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { addonTarget } from './gyp.mjs';
import { filesUnder } from './files.mjs';

const systems = { darwin: 'mac', win32: 'win' };

/** The addon's sources, relative to the root. */
export function addonSources(root) {
  if (!existsSync(join(root, 'binding.gyp'))) return [];
  return [
    'binding.gyp',
    ...filesUnder(root, 'native').filter((file) => !file.endsWith('.md')),
  ];
}

function inPath(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .some((folder) => existsSync(join(folder, program)));
}

/** The folder with the running Node's headers, if it comes with them. */
export function headers() {
  const own = dirname(dirname(process.execPath));
  return [own, process.env.npm_config_nodedir].find(
    (folder) => folder && existsSync(join(folder, 'include/node/node_api.h')),
  );
}

/**
 * Returns why the addon cannot be built here, if it cannot. On Windows node-gyp
 * takes seconds to find out, so it is built there only on request.
 */
export function obstacle(root, asked) {
  const { sources } = addonTarget(root, systems[process.platform] ?? 'linux');
  const absent = sources.find((source) => !existsSync(join(root, source)));
  if (absent) return `no ${absent}`;
  if (process.platform === 'win32') {
    return asked ? undefined : '`npm run build` not done';
  }
  if (
    process.platform === 'darwin' &&
    !existsSync('/Library/Developer/CommandLineTools') &&
    !existsSync('/Applications/Xcode.app')
  ) {
    // The compilers in the path then only ask to be installed.
    return 'no C++ compiler';
  }
  const { CXX } = process.env;
  if (!CXX && !['g++', 'c++', 'clang++'].some(inPath)) return 'no C++ compiler';
  if (!['make', 'gmake'].some(inPath)) return 'no make';
  if (!['python3', 'python'].some(inPath)) return 'no Python';
  if (!headers()) return 'no headers of Node';
  return undefined;
}

/** The environment for node-gyp. */
export function buildEnvironment() {
  const env = { ...process.env };
  const folder = headers();
  // This overrides the option of the same name. Without it node-gyp fetches
  // the headers from the network.
  if (folder) env.npm_config_nodedir = folder;
  if (process.platform !== 'darwin' && !env.CXX && !inPath('g++')) {
    env.CXX = inPath('c++') ? 'c++' : 'clang++';
  }
  return env;
}
