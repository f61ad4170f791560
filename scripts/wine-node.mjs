// Runs a program in Windows' own Node under Wine, as `node` would run it here.
//
//   node scripts/wine-node.mjs 22.23.3 dist/cli/main.js info
//
// The version comes first, then node's arguments. The program's output appears when
// it ends, and its exit code becomes ours. It ends with us, even if we are killed.

import { once } from 'node:events';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchNode } from './nodes.mjs';
import { lacksWine, startInWine, SYSTEM } from './wine.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [version, ...args] = process.argv.slice(2);

function refuse(why) {
  process.stderr.write(`wine-node: ${why}\n`);
  process.exit(2);
}

if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) {
  refuse('the first argument must be a version of Node, such as 22.23.3');
}
const lacking = lacksWine();
if (lacking) refuse(lacking);

const program = join(root, fetchNode(root, SYSTEM, version));
const { child, printed } = startInWine(program, args);
let told;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    told = signal;
    // Wine is slow to act on a gentler signal.
    child.kill('SIGKILL');
  });
}
const [code, signal] = await once(child, 'exit');
const { stdout, stderr } = printed();
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = code ?? 128 + constants.signals[told ?? signal];
