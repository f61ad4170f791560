// Runs test files one after the other in this process, each as a subtest that
// has the file's name. What starts a process and loads tap and the library takes
// more than most of the files do.
//
//   node scripts/together/main.mjs dist/test/chain.test.js …

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

// tap names folders after what it finds there.
const files = process.argv.splice(2);
const { root, take } = await import('../../dist/node_modules/tap/index.js');

// The limit is for a file, and not for all.
const { timeout } = root.options;
root.setTimeout(0);
for (const file of files) {
  await root.test(file, { timeout }, async (test) => {
    take(test);
    await import(pathToFileURL(resolve(file)).href);
  });
}
