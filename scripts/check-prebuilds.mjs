// Checks that prebuilds/ is fit to be published: every target is present, as it was
// built, and built from the sources in this checkout. Runs before each pack.
//
//   node scripts/check-prebuilds.mjs
//
// GOODBYTE_PREBUILDS=optional allows missing targets, for a trial tarball. An
// altered or outdated one is refused all the same.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesUnder } from './files.mjs';
import { targets } from './prebuild/targets.mjs';
import { prebuiltCheck } from './prebuilt.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const optional = process.env.GOODBYTE_PREBUILDS === 'optional';
const check = prebuiltCheck(root);

function troubleWith(file) {
  const isThere = existsSync(join(root, 'prebuilds', file));
  return optional && !isThere ? undefined : check(file);
}

const wanted = targets.map(({ file }) => file);
const strays = filesUnder(root, 'prebuilds')
  .map((file) => file.replaceAll('\\', '/').replace('prebuilds/', ''))
  .filter((file) => file.endsWith('.node') && !wanted.includes(file));
const troubles = [
  ...wanted.map((file) => [file, troubleWith(file)]),
  ...strays.map((file) => [file, 'is not a target of scripts/prebuild.mjs']),
].filter(([, trouble]) => trouble);

for (const [file, trouble] of troubles) {
  process.stderr.write(`prebuilds/${file} ${trouble}\n`);
}
if (troubles.length > 0) {
  process.stderr.write(
    optional
      ? '`npm run prebuild` rebuilds them; a tarball without them works too.\n'
      : '`npm run prebuild` makes them. CONTRIBUTING.md, "Prebuilt addons", ' +
          'says how to pack without them.\n',
  );
  process.exitCode = 1;
}
