import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { findPython } from '../support/programs.js';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

// For node-gyp, which otherwise tries several.
const python = findPython();

/** A checkout with one source and with everything installed. */
function checkout(test: Test): string {
  const root = test.testdir({
    'package.json': '{ "type": "module" }',
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        types: [],
        // All that these sources need, and quick to read.
        lib: ['es5'],
        rootDir: '.',
        outDir: 'dist',
        declaration: true,
        sourceMap: true,
      },
      include: ['src'],
    }),
    src: { 'kept.ts': 'export const kept = 1;\n' },
    node_modules: { '.package-lock.json': '{}' },
  });
  for (const name of ['typescript', '@typescript']) {
    symlinkSync(
      join(repository, 'node_modules', name),
      join(root, 'node_modules', name),
      'junction',
    );
  }
  cpSync(join(repository, 'scripts'), join(root, 'scripts'), {
    recursive: true,
  });
  return root;
}

function setUp(root: string, env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'scripts', 'setup.mjs')],
    {
      encoding: 'utf8',
      env: { ...process.env, ...(python && { PYTHON: python }), ...env },
    },
  );
  return { status, stdout, stderr };
}

const quiet = { status: 0, stdout: '', stderr: '' };

t.test('compiles once, then has nothing to do', async (t) => {
  const root = checkout(t);
  t.match(setUp(root), { status: 0, stdout: '', stderr: /tsc/ });
  const output = join(root, 'dist', 'src', 'kept.js');
  const { mtimeMs } = statSync(output);
  t.strictSame(setUp(root), quiet);
  t.equal(statSync(output).mtimeMs, mtimeMs);
  t.notOk(existsSync(join(root, '.setup-lock')));
});

t.test('removes the output of a removed source', async (t) => {
  const root = checkout(t);
  const gone = join(root, 'src', 'deep', 'gone.ts');
  mkdirSync(dirname(gone));
  writeFileSync(gone, 'export const gone = 1;\n');
  setUp(root);
  const output = join(root, 'dist', 'src', 'deep', 'gone');
  for (const ending of ['.js', '.js.map', '.d.ts']) {
    t.ok(existsSync(output + ending), ending);
  }
  rmSync(gone);
  setUp(root);
  for (const ending of ['.js', '.js.map', '.d.ts']) {
    t.notOk(existsSync(output + ending), ending);
  }
  t.ok(existsSync(join(root, 'dist', 'src', 'kept.js')));
});

t.test('compiles a source that an older copy replaced', async (t) => {
  const root = checkout(t);
  setUp(root);
  const source = join(root, 'src', 'kept.ts');
  writeFileSync(source, 'export const kept = "older";\n');
  utimesSync(source, 1_000_000_000, 1_000_000_000);
  setUp(root);
  t.match(readFileSync(join(root, 'dist', 'src', 'kept.js'), 'utf8'), 'older');
});

t.test('reports the problem, and again until it is fixed', async (t) => {
  const root = checkout(t);
  const source = join(root, 'src', 'kept.ts');
  writeFileSync(source, 'export const kept: string = 1;\n');
  const failure = {
    status: 1,
    stdout: '',
    stderr: /kept\.ts.*TS2322[^]*tsc failed/,
  };
  t.match(setUp(root), failure);
  t.match(setUp(root), failure);
  writeFileSync(source, 'export const kept = 1;\n');
  t.match(setUp(root), { status: 0 });
});

t.test('installs when the lock file is newer', async (t) => {
  const root = checkout(t);
  writeFileSync(join(root, 'package-lock.json'), '{}');
  const later = Date.now() / 1000 + 60;
  utimesSync(join(root, 'package-lock.json'), later, later);
  // Replaces npm, which would use the network.
  const npm = join(root, 'npm.js');
  writeFileSync(
    npm,
    'console.error(process.argv.slice(2).join(" ")); process.exit(7);\n',
  );
  t.match(setUp(root, { npm_execpath: npm }), {
    status: 1,
    stdout: '',
    stderr:
      /setting up: npm ci …\nci --include=dev\n.*npm ci failed \(exit 7\)/,
  });
});

/** A checkout that has an addon, too. */
function checkoutWithAddon(test: Test): string {
  const root = checkout(test);
  for (const name of ['node-gyp', 'node-addon-api']) {
    symlinkSync(
      join(repository, 'node_modules', name),
      join(root, 'node_modules', name),
      'junction',
    );
  }
  writeFileSync(
    join(root, 'binding.gyp'),
    `{ "targets": [{
      # One source, in a folder of its own.
      "target_name": 'goodbyte',
      "conditions": [["OS!='none'", { "sources": ["native/addon.cc"], }]],
    }] }`,
  );
  mkdirSync(join(root, 'native'));
  writeAddon(root, '"first"');
  return root;
}

/** Writes an addon whose `word` is a C++ expression. */
function writeAddon(root: string, word: string) {
  writeFileSync(
    join(root, 'native', 'addon.cc'),
    `#include <node_api.h>
    NAPI_MODULE_INIT() {
      napi_value word;
      napi_create_string_utf8(env, ${word}, NAPI_AUTO_LENGTH, &word);
      napi_set_named_property(env, exports, "word", word);
      return exports;
    }\n`,
  );
}

function addonSays(root: string) {
  const addon = join(root, 'build', 'Release', 'goodbyte.node');
  const { stdout } = spawnSync(
    process.execPath,
    ['--print', `require(${JSON.stringify(addon)}).word`],
    { encoding: 'utf8' },
  );
  return stdout.trim();
}

t.test('builds the addon when its source has changed', async (t) => {
  const root = checkoutWithAddon(t);
  const { status, stderr } = setUp(root);
  const [, obstacle] = /^(.*): the addon is skipped/m.exec(stderr) ?? [];
  if (obstacle !== undefined) {
    t.pass('builds', { skip: obstacle });
    return;
  }
  t.match({ status, stderr }, { status: 0, stderr: /node-gyp/ });
  t.equal(addonSays(root), 'first');
  t.strictSame(setUp(root), quiet);

  writeAddon(root, 'nonsense');
  const failure = {
    status: 1,
    stdout: '',
    stderr: /addon\.cc.*nonsense[^]*node-gyp failed/,
  };
  t.match(setUp(root), failure);
  t.match(setUp(root), failure);

  writeAddon(root, '"older"');
  utimesSync(join(root, 'native', 'addon.cc'), 1_000_000_000, 1_000_000_000);
  t.match(setUp(root), { status: 0 });
  t.equal(addonSays(root), 'older');
});

t.test('reports a missing compiler once, and continues', async (t) => {
  const root = checkoutWithAddon(t);
  const bare = { PATH: root, CXX: '' };
  t.match(setUp(root, bare), {
    status: 0,
    stdout: '',
    stderr: /^.*: the addon is skipped; the stream transport is used$/m,
  });
  t.ok(existsSync(join(root, 'dist', 'src', 'kept.js')));
  t.strictSame(setUp(root, bare), quiet);
});

t.test('leaves the addon out while a source is not there', async (t) => {
  const root = checkoutWithAddon(t);
  rmSync(join(root, 'native', 'addon.cc'));
  t.match(setUp(root), {
    status: 0,
    stderr: 'no native/addon.cc: the addon is skipped',
  });
});

t.test('takes over the lock of a process that has ended', async (t) => {
  const root = checkout(t);
  const { pid } = spawnSync(process.execPath, ['--eval', '']);
  writeFileSync(join(root, '.setup-lock'), String(pid));
  t.match(setUp(root), { status: 0 });
});
