// Packs the package and uses the result as a stranger would: publint and attw look
// at the tarball; an empty project installs it, loads every entry from ESM, from
// CommonJS and from TypeScript, and runs the command. If prebuilds/ has an addon
// for this machine, it has to serve there. Another project follows the README.
//
//   node scripts/check-package.mjs
//
// Prebuilt addons may be absent, unless GOODBYTE_PREBUILDS=required.

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { filesUnder } from './files.mjs';
import { unmarkedLinks } from './packed-links.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json')));
const { name } = manifest;
const entries = Object.keys(manifest.exports)
  .filter((entry) => entry !== './package.json')
  .map((entry) => name + entry.slice(1));
const temporary = mkdtempSync(join(tmpdir(), `${name}-package-`));
const project = join(temporary, 'project');
const installed = join(project, 'node_modules', name);

let failures = 0;

function check(title, work) {
  let trouble;
  try {
    trouble = work();
  } catch (error) {
    trouble = error.stack;
  }
  if (trouble) failures += 1;
  process.stdout.write(`${trouble ? 'FAILED ' : 'ok     '} ${title}\n`);
  if (trouble) process.stdout.write(`${trouble.trimEnd()}\n`);
  return !trouble;
}

/** Runs a program in `cwd`; returns a complaint, or `''`. */
function run(cwd, program, args, { silent = false, ...options } = {}) {
  const result = spawnSync(program, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    ...options,
  });
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`;
  if (result.status !== 0) {
    const how = result.error?.message ?? result.signal ?? result.status;
    return `${output}ended with ${how}`;
  }
  return silent && output
    ? `should have printed nothing, but printed:\n${output}`
    : '';
}

const node = (cwd, args, options) => run(cwd, process.execPath, args, options);

function npm(cwd, args, env = process.env) {
  const cli = process.env.npm_execpath;
  return cli?.endsWith('.js')
    ? node(cwd, [cli, ...args], { env })
    : run(cwd, 'npm', args, { env, shell: process.platform === 'win32' });
}

/** An environment with Node and npm, but no compiler. */
function withoutCompilers() {
  if (process.platform === 'win32') return process.env;
  const programs = join(temporary, 'programs');
  mkdirSync(programs);
  for (const program of ['node', 'npm', 'npx', 'env', 'sh']) {
    const found = process.env.PATH.split(delimiter)
      .map((folder) => join(folder, program))
      .find((path) => existsSync(path));
    symlinkSync(realpathSync(found), join(programs, program));
  }
  return { ...process.env, PATH: programs };
}

/** The path of a program from a dev dependency. */
function bin(packageName, program) {
  const folder = join(root, 'node_modules', ...packageName.split('/'));
  const found = JSON.parse(readFileSync(join(folder, 'package.json'))).bin;
  return join(folder, typeof found === 'string' ? found : found[program]);
}

function write(file, text) {
  writeFileSync(join(project, file), text);
}

/**
 * Files of the checkout, of no use to those who install the package. A binding.gyp
 * makes some package managers run a build.
 */
const STRAY =
  /^(src|test|native|dist[/\\](test|bench|examples))[/\\]|\.map$|^binding\.gyp$/;

function strayFiles() {
  return filesUnder(installed, '.')
    .filter((file) => STRAY.test(file))
    .map((file) => `${file} does not belong in the tarball\n`)
    .join('');
}

/** Octets of the tarball, without the addons. */
const LARGEST = 350_000;

function tooLarge() {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { stdout } = spawnSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const [{ size, files }] = JSON.parse(stdout);
  const addons = files
    .filter(({ path }) => path.endsWith('.node'))
    .map(({ path }) => gzipSync(readFileSync(join(root, path))).length)
    .reduce((sum, length) => sum + length, 0);
  const rest = size - addons;
  return rest > LARGEST ? `${rest} octets, ${LARGEST} at most\n` : '';
}

function useFromTypeScript() {
  mkdirSync(join(project, 'node_modules', '@types'), { recursive: true });
  symlinkSync(
    join(root, 'node_modules', '@types', 'node'),
    join(project, 'node_modules', '@types', 'node'),
    'junction',
  );
  const code = entries
    .map(
      (entry, index) =>
        `import * as entry${index} from '${entry}';\n` +
        `export const names${index}: string[] = Object.keys(entry${index});\n`,
    )
    .join('');
  write('use.mts', code);
  write('use.cts', code);
  write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2022',
        lib: ['es2023', 'esnext.disposable'],
        types: ['node'],
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
        // Checks our declarations as well as their use.
        skipLibCheck: false,
      },
      files: ['use.mts', 'use.cts'],
    }),
  );
  return node(project, [bin('typescript', 'tsc'), '--pretty', 'false']);
}

function runCommand() {
  const [command] = Object.keys(manifest.bin);
  const path = join(project, 'node_modules', '.bin', command);
  return process.platform === 'win32'
    ? run(project, `"${path}.cmd"`, ['--help'], { shell: true })
    : run(project, path, ['--help']);
}

function hasPrebuilt() {
  const folder = join('prebuilds', `${process.platform}-${process.arch}`);
  return (
    existsSync(join(installed, folder)) &&
    filesUnder(installed, folder).some((file) => file.endsWith('.node'))
  );
}

/** The package's own addon: the project has no other. */
function useEngine(env) {
  check('the prebuilt addon is found', () => {
    write(
      'engine.cjs',
      `const path = require('node-gyp-build').path(${JSON.stringify(installed)});
      if (!path.includes('prebuilds')) throw new Error(path);
      require(path);\n`,
    );
    return node(project, ['engine.cjs'], { silent: true, env });
  });
  const eightSteps = ['conformance', 'run', '--scenario', 'eight-steps*'];
  check('the engine serves the eight steps', () =>
    npm(project, ['exec', '--no', '--', 'goodbyte', ...eightSteps], {
      ...env,
      GOODBYTE_TRANSPORT: 'engine',
    }),
  );
  check('the command names the engine', () => {
    const command = join(installed, manifest.bin.goodbyte);
    const { stdout } = spawnSync(process.execPath, [command, 'info'], {
      encoding: 'utf8',
      env,
    });
    return stdout.includes('transport: engine') ? '' : stdout;
  });
}

const asked = (entry) =>
  `if (Object.keys(entry).length === 0) throw new Error('${entry} is empty');\n`;

try {
  mkdirSync(project);
  write('package.json', '{ "private": true }');

  let tarball;
  const packed = check('npm pack', () => {
    const trouble = npm(root, ['pack', `--pack-destination=${temporary}`], {
      GOODBYTE_PREBUILDS: 'optional',
      ...process.env,
    });
    tarball = filesUnder(temporary, '.').find((file) => file.endsWith('.tgz'));
    return trouble || (tarball ? '' : 'made no tarball');
  });
  const path = packed ? join(temporary, tarball) : '';
  if (packed) {
    check('publint', () =>
      node(root, [bin('publint', 'publint'), 'run', path, '--strict']),
    );
    check('attw', () =>
      node(root, [
        bin('@arethetypeswrong/cli', 'attw'),
        path,
        '--profile=esm-only',
        '--no-emoji',
        '--no-color',
      ]),
    );
  }
  const bare = withoutCompilers();
  const usable =
    packed &&
    check('npm install of the tarball, without compilers', () =>
      npm(project, ['install', '--no-audit', '--no-fund', path], bare),
    );
  if (usable) {
    check('no file of the checkout in the tarball', strayFiles);
    check('links of the packed pages', () =>
      unmarkedLinks(installed).join('\n'),
    );
    check('size of the tarball', tooLarge);
    for (const entry of entries) {
      check(`import ${entry}`, () => {
        write('use.mjs', `import * as entry from '${entry}';\n${asked(entry)}`);
        return node(project, ['use.mjs'], { silent: true });
      });
      check(`require ${entry}`, () => {
        write('use.cjs', `const entry = require('${entry}');\n${asked(entry)}`);
        // Early releases of Node 22 call require() of ESM experimental.
        const flag = '--disable-warning=ExperimentalWarning';
        return node(project, [flag, 'use.cjs'], { silent: true });
      });
    }
    check('TypeScript', useFromTypeScript);
    check('the command, with --help', runCommand);
    if (hasPrebuilt()) useEngine(bare);
    if (process.platform !== 'win32') {
      check('the README, line by line', () =>
        node(root, [join(root, 'scripts', 'type-readme.mjs'), path]),
      );
    }
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
process.exitCode = failures > 0 ? 1 : 0;
