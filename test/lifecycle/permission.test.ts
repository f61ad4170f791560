import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const program = new URL('programs/denied.js', import.meta.url);
const hasOption = process.allowedNodeEnvironmentFlags.has('--allow-net');

for (const transport of ['engine', 'stream']) {
  t.test(`the network is denied, ${transport}`, (t) => {
    // Versions without the option cannot deny anything.
    if (hasOption) {
      const printed = execFileSync(
        process.execPath,
        [
          '--permission',
          '--allow-addons',
          '--allow-fs-read=*',
          fileURLToPath(program),
        ],
        {
          encoding: 'utf8',
          env: { ...process.env, GOODBYTE_TRANSPORT: transport },
        },
      );
      t.same(JSON.parse(printed), Array(4).fill('ERR_ACCESS_DENIED'));
    } else {
      t.pass('no --allow-net here');
    }
    t.end();
  });
}
