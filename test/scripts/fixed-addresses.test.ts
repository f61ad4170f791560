import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';

const module = path.resolve(
  import.meta.dirname,
  '../../../scripts/fixed-addresses.mjs',
);
const skip =
  (process.platform !== 'linux' && 'needs Linux: personality(2)') ||
  (spawnSync('setarch', ['-R', 'true']).status !== 0 &&
    'personality(2) is refused here');

/** ADDR_NO_RANDOMIZE of personality(2). */
const NOT_RANDOM = 0x0040000;

t.test(
  'nothing has random addresses, down to a grandchild',
  { skip },
  async (t) => {
    const { withFixedAddresses } = (await import(
      pathToFileURL(module).href
    )) as {
      withFixedAddresses: (command: string[]) => [string, string[]];
    };
    const command = ['sh', '-c', 'sh -c "cat /proc/\\$\\$/personality"'];
    const [program, args] = withFixedAddresses(command);
    const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
    t.equal(status, 0);
    t.equal(parseInt(stdout, 16) & NOT_RANDOM, NOT_RANDOM);
    t.end();
  },
);
