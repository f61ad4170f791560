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

/**
 * These take longest. They come first, so that in the end no processor is idle
 * while another one still has such a file.
 */
const LONGEST = [
  'native/reference-provider/provider',
  'lifecycle/memory',
  'provider/winsock2/windows',
  'lifecycle/workers',
  'conformance/wrong-agents',
  'conformance/transports',
  'provider/framed/transports',
].map((name) => `dist/test/${name}.test.js`);

/** The compiled tests below a folder of dist/test, relative to the root. */
export function testsIn(root, folder = '') {
  const files = filesUnder(root, `dist/test/${folder}`).filter((file) =>
    file.endsWith('.test.js'),
  );
  const longest = LONGEST.filter((file) => files.includes(file));
  return [...new Set([...longest, ...files])];
}
