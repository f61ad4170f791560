// The `t` of `import t from 'tap'` in a test file that shares a process: a test
// of its own, in the place of the process's one.

/** Importers see each new value: a file is done before the next is imported. */
export let current;

/** Whose test the next file's is. */
export function take(test) {
  current = test;
}
