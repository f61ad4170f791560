// What the compiled tests import as `tap`, bundled (scripts/bundle.mjs): tap
// loads in half the time so. Its `t` can be another one: in a process that
// several files share, a test of the file's own in the place of the process's.

import root from 'tap';

/** The process's. */
export { root };

/** Importers see each new value: a file is done before the next is imported. */
export let current = root;

/** Whose test the next file's is. */
export function take(test) {
  current = test;
}
