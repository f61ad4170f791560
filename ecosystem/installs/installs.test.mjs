// Each package manager installs the tarball into an empty project; the package is then
// imported and required, and its command runs the eight steps.

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../support/run.mjs';

const modules = fileURLToPath(new URL('node_modules', import.meta.url));
const tarball = process.env.GOODBYTE_TARBALL;
const addons = join(
  modules,
  'goodbyte/prebuilds',
  `${process.platform}-${process.arch}`,
);
const serving = existsSync(addons) ? 'engine' : 'stream';

const temporary = mkdtempSync(join(tmpdir(), 'goodbyte-installs-'));
after(() => rmSync(temporary, { recursive: true, force: true }));

const program = (path) => [process.execPath, join(modules, path)];
const yarn4 = program('@yarnpkg/cli-dist/bin/yarn.js');
const pnpm = program('pnpm/bin/pnpm.cjs');
const bun = [join(modules, 'bun/bin/bun.exe')];

/** `command` runs a package's `bin`, `node` a file. */
const managers = [
  {
    name: 'npm',
    add: ['npm', 'install', '--no-audit', '--no-fund', tarball],
    command: ['npx', '--no'],
    node: ['node'],
  },
  {
    name: 'pnpm',
    add: [...pnpm, 'add', tarball],
    command: [...pnpm, 'exec'],
    node: ['node'],
  },
  {
    name: 'Yarn 1',
    add: [...program('yarn/bin/yarn.js'), 'add', tarball],
    command: [...program('yarn/bin/yarn.js'), '--silent', 'run'],
    node: ['node'],
  },
  {
    name: 'Yarn 4, with node_modules',
    files: { '.yarnrc.yml': 'nodeLinker: node-modules\n', 'yarn.lock': '' },
    add: [...yarn4, 'add', `goodbyte@${tarball}`],
    command: [...yarn4, 'run'],
    node: ['node'],
  },
  {
    name: "Yarn 4, Plug'n'Play",
    files: { '.yarnrc.yml': 'nodeLinker: pnp\n', 'yarn.lock': '' },
    add: [...yarn4, 'add', `goodbyte@${tarball}`],
    command: [...yarn4, 'run'],
    node: [...yarn4, 'node'],
  },
  {
    name: 'Bun',
    add: [...bun, 'add', tarball],
    // Runs it with the Node that its first line names.
    command: [...bun, 'x', '--no-install'],
    node: ['node'],
  },
];

const files = {
  'package.json': '{ "name": "project", "private": true }',
  'use.mjs': `import { createServer } from 'goodbyte';
    import { connect } from 'goodbyte/promises';
    import 'goodbyte/winsock';
    import 'goodbyte/conformance';
    const server = createServer((socket) => {
      socket.answer = (data) => \`answer to \${data}\`;
      socket.resume();
      server.close();
    }).listen(0, '127.0.0.1', async () => {
      const socket = await connect(server.address());
      console.log(String(await socket.disconnect('goodbye')));
    });\n`,
  'use.cjs': `for (const entry of ['', '/promises', '/winsock', '/conformance']) {
      const names = Object.keys(require('goodbyte' + entry));
      if (names.length === 0) throw new Error(entry);
    }\n`,
};

for (const { name, add, command, node, files: more } of managers) {
  test(name, async () => {
    const cwd = join(temporary, name.replace(/\W+/g, '-'));
    mkdirSync(cwd);
    for (const [file, text] of Object.entries({ ...files, ...more })) {
      writeFileSync(join(cwd, file), text);
    }
    const { GOODBYTE_TRANSPORT: _, ...environment } = process.env;
    const env = {
      ...environment,
      // Bun's and Yarn's caches, which all of a user's projects share.
      BUN_INSTALL_CACHE_DIR: join(temporary, 'bun'),
      YARN_CACHE_FOLDER: join(cwd, '.yarn-cache'),
      YARN_ENABLE_GLOBAL_CACHE: 'false',
      YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
      YARN_ENABLE_TELEMETRY: 'false',
    };
    const go = ([file, ...args], ...rest) =>
      run(file, [...args, ...rest], { cwd, env });

    const told = await go(add);
    assert.doesNotMatch(
      told,
      /ignored build|gyp rebuild|gyp info/i,
      'asks for no build',
    );
    assert.match(await go(node, 'use.mjs'), /answer to goodbye/);
    await go(node, 'use.cjs');
    const info = await go(command, 'goodbyte', 'info');
    assert.match(info, new RegExp(`transport: ${serving}`));
    const steps = ['conformance', 'run', '--scenario', 'eight-steps*'];
    await go(command, 'goodbyte', ...steps);
  });
}
