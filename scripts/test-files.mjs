import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesUnder } from './files.mjs';

/**
 * The folders of test/ where the library opens sockets: these depend on a
 * system, and on a transport. (What scenarios open is checked on each pair of
 * transports by test/conformance/transports.test.ts.)
 */
export const FOLDERS_OF_SOCKETS = [
  'provider/framed',
  'server',
  'socket',
  'winsock',
];

/**
 * `test/a.test.ts` is what one types, `dist/test/a.test.js` is what runs; of a
 * folder, all that is in it.
 */
export function compiled(argument) {
  const path = argument.split(sep).join('/').replace(/^\.\//, '');
  if (!path.startsWith('test/')) return [argument];
  if (/\.[cm]?ts$/.test(path)) {
    return [`dist/${path.replace(/\.([cm]?)ts$/, '.$1js')}`];
  }
  const root = fileURLToPath(new URL('..', import.meta.url));
  return testsIn(root, path.slice('test/'.length));
}

/** The compiled tests below a folder of dist/test, relative to the root. */
export function testsIn(root, folder = '') {
  return filesUnder(root, `dist/test/${folder}`).filter((file) =>
    file.endsWith('.test.js'),
  );
}
