// The module that compiled tests import as `tap`, bundled (scripts/bundle.mjs), since
// tap then loads in half the time. Its `t` can be replaced: in a process that several
// files share, by a test for one file.

import root from 'tap';

/** The process's own test. */
export { root };

/** Importers see each new value, since a file is done before the next is imported. */
export let current = root;

/** Sets the test of the next file. */
export function take(test) {
  current = test;
}
