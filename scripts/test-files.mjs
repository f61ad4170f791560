import { sep } from 'node:path';
import { filesUnder } from './files.mjs';

/** The folders of test/ where sockets are opened: these depend on a system. */
export const FOLDERS_OF_SOCKETS = [
  'conformance',
  'examples',
  'provider',
  'server',
  'socket',
  'winsock',
];

/** `test/a.test.ts` is what one types, `dist/test/a.test.js` is what runs. */
export function compiled(argument) {
  const path = argument.split(sep).join('/').replace(/^\.\//, '');
  return path.startsWith('test/')
    ? `dist/${path.replace(/\.([cm]?)ts$/, '.$1js')}`
    : argument;
}

/** The compiled tests below a folder of dist/test, relative to the root. */
export function testsIn(root, folder = '') {
  return filesUnder(root, `dist/test/${folder}`).filter((file) =>
    file.endsWith('.test.js'),
  );
}
