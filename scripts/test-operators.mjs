// Runs the tests of the examples for operators, with the packages that these are
// for, from their own lock file.
//
//   node scripts/test-operators.mjs

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { installLocked } from './locked-packages.mjs';

const folder = fileURLToPath(new URL('../examples/operators', import.meta.url));
installLocked(folder, '--ignore-scripts');
const { status } = spawnSync(process.execPath, ['--test', '.'], {
  cwd: folder,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
