// Starts programs of Wine's so that they start every time.
//
// Wine needs the page at 0x7ffe0000, where Windows has data for every process.
// The kernel puts the heap of Wine's loader up to 1 GiB behind the loader, which
// is at 0x7d000000: in one of some 6,000 processes on that page. Wine 8 gives
// up then ("failed to map the shared user data"), which Node tells its parent
// as `spawn UNKNOWN`. Where addresses are not random the heap is at 0x7d005000.

import { spawnSync } from 'node:child_process';

let works;

/**
 * The command that runs another with addresses that are not random, as all that
 * it starts; the same command where the system does not let us (Docker's).
 */
export function withFixedAddresses([program, ...args]) {
  works ??= spawnSync('setarch', ['-R', 'true']).status === 0;
  return works ? ['setarch', ['-R', program, ...args]] : [program, args];
}
