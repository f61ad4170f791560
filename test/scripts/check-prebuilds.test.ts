import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

interface Targets {
  readonly targets: readonly { readonly file: string }[];
  readonly fingerprint: (root: string) => string;
  readonly sha256: (octets: string) => string;
}

const { targets, fingerprint, sha256 } = (await import(
  pathToFileURL(join(repository, 'scripts/prebuild/targets.mjs')).href
)) as Targets;

/** A checkout with every target built. */
function checkout(test: Test): string {
  const root = test.testdir({
    'binding.gyp': '{}',
    'package-lock.json': JSON.stringify({
      packages: { 'node_modules/node-addon-api': { integrity: 'some' } },
    }),
    native: { 'addon.cc': '// The addon.\n', 'README.md': 'About it.\n' },
    prebuilds: {},
  });
  cpSync(join(repository, 'scripts'), join(root, 'scripts'), {
    recursive: true,
  });
  const manifest = targets.map(({ file }) => {
    const path = join(root, 'prebuilds', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file);
    return [file, { sha256: sha256(file), sources: fingerprint(root) }];
  });
  writeFileSync(
    join(root, 'prebuilds', 'manifest.json'),
    JSON.stringify(Object.fromEntries(manifest)),
  );
  return root;
}

function check(root: string, env: NodeJS.ProcessEnv = {}) {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'scripts', 'check-prebuilds.mjs')],
    {
      encoding: 'utf8',
      env: {
        ...process.env,
        GOODBYTE_PREBUILDS: '',
        ...env,
      },
    },
  );
  return { status, stderr };
}

const optional = { GOODBYTE_PREBUILDS: 'optional' };
const fit = { status: 0, stderr: '' };
const [{ file } = { file: '' }] = targets;

t.test('accepts addons built from these sources', async (t) => {
  const root = checkout(t);
  writeFileSync(join(root, 'native', 'README.md'), 'More about it.\n');
  t.strictSame(check(root), fit);
});

t.test('refuses an absent one, but where that is allowed', async (t) => {
  const root = checkout(t);
  rmSync(join(root, 'prebuilds', file));
  t.match(check(root), { status: 1, stderr: `prebuilds/${file} is missing` });
  t.strictSame(check(root, optional), fit);
});

const wrongs: readonly [string, (root: string) => void, string][] = [
  [
    'an altered one',
    (root) => writeFileSync(join(root, 'prebuilds', file), 'other'),
    `prebuilds/${file} is not as built`,
  ],
  [
    'one from other sources',
    (root) => writeFileSync(join(root, 'native', 'addon.cc'), '// Other.\n'),
    `prebuilds/${file} was built from other sources`,
  ],
  [
    'one from other settings',
    (root) => writeFileSync(join(root, 'binding.gyp'), '{ }'),
    `prebuilds/${file} was built from other sources`,
  ],
  [
    'one that nobody knows',
    (root) => writeFileSync(join(root, 'prebuilds', 'goodbyte.node'), ''),
    'prebuilds/goodbyte.node is not a target',
  ],
  [
    'one without an entry',
    (root) => {
      const path = join(root, 'prebuilds', 'manifest.json');
      const manifest = JSON.parse(readFileSync(path, 'utf8')) as object;
      writeFileSync(path, JSON.stringify({ ...manifest, [file]: undefined }));
    },
    `prebuilds/${file} is not in the manifest`,
  ],
];

t.test('refuses', async (t) => {
  for (const [what, spoil, stderr] of wrongs) {
    await t.test(what, async (t) => {
      const root = checkout(t);
      spoil(root);
      t.match(check(root), { status: 1, stderr });
      t.match(check(root, optional), { status: 1, stderr });
    });
  }
});
