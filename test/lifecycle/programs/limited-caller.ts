// A caller at its limit of descriptors.
//
//   node limited-caller.js <target as JSON>
import { closeSync, openSync } from 'node:fs';
import { connect } from '../../../src/promises.js';
import {
  exchange,
  print,
  untilOpen,
  type Target,
} from '../support/exchange.js';

const target = JSON.parse(process.argv[2]!) as Target;
// Modules that load on first use need descriptors too.
await exchange(target);

const files: number[] = [];
try {
  for (;;) files.push(openSync('/dev/null', 'r'));
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'EMFILE') throw error;
}
const failures = await Promise.all(
  Array.from({ length: 20 }, async () => {
    try {
      // For one thing, the exchange above may have freed its descriptors.
      (await connect({ ...target })).destroy();
      return [];
    } catch (error) {
      const { code, winsock, syscall } = error as Error & {
        code: string;
        winsock: { name: string };
        syscall: string;
      };
      return [[syscall, code, winsock.name].join(' ')];
    }
  }),
);
for (const file of files) closeSync(file);
await exchange(target);
await untilOpen(0);
print([...new Set(failures.flat())]);
