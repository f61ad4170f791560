// Writes docs/conformance-coverage.md: each clause with the scenarios that check
// it. With --check it writes nothing, and fails if the page is stale, or if a
// clause has no scenario.
//
//   npm run conformance:coverage [-- --check]

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { loadScenarios } from '../dist/conformance/index.js';
import { coveragePage, gapsIn } from '../dist/conformance/scenario/coverage.js';

const file = fileURLToPath(
  new URL('../docs/conformance-coverage.md', import.meta.url),
);
const scenarios = loadScenarios();
const options = await prettier.resolveConfig(file);
const page = await prettier.format(coveragePage(scenarios), {
  ...options,
  parser: 'markdown',
});

for (const { id, sentence } of gapsIn(scenarios)) {
  process.exitCode = 1;
  process.stderr.write(`no scenario checks ${id}: ${sentence}\n`);
}
if (!process.argv.includes('--check')) {
  writeFileSync(file, page);
} else if (readFileSync(file, 'utf8') !== page) {
  process.exitCode = 1;
  process.stderr.write(
    'docs/conformance-coverage.md is stale: npm run conformance:coverage\n',
  );
}
