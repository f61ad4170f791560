// Starts programs in Wine reliably.
//
// Wine needs the page at 0x7ffe0000, where Windows has data for every process. The
// kernel puts the heap of Wine's loader up to 1 GiB behind the loader, which is at
// 0x7d000000: in about one of 6,000 processes on that very page. Wine 8 then gives
// up ("failed to map the shared user data"), which Node reports to its parent as
// `spawn UNKNOWN`. Without address randomization the heap is at 0x7d005000.

import { spawnSync } from 'node:child_process';

let works;

/**
 * Returns a command that runs another without address randomization, its children
 * included; the same command where the system forbids this (as Docker does).
 */
export function withFixedAddresses([program, ...args]) {
  works ??= spawnSync('setarch', ['-R', 'true']).status === 0;
  return works ? ['setarch', ['-R', program, ...args]] : [program, args];
}
