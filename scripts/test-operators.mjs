// Runs the examples for operators with the packages that they are for, which
// their own lock file names.
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
