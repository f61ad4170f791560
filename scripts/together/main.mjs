// Runs test files one after the other in this process, each as a subtest with the
// file's name. Starting a process and loading tap and the library takes longer than
// most of the files do.
//
//   node scripts/together/main.mjs dist/test/chain.test.js …

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

// tap names folders after this.
const files = process.argv.splice(2);
const { root, take } = await import('../../dist/node_modules/tap/index.js');

// The limit is for each file, not for all together.
const { timeout } = root.options;
root.setTimeout(0);
for (const file of files) {
  await root.test(file, { timeout }, async (test) => {
    take(test);
    await import(pathToFileURL(resolve(file)).href);
  });
}
