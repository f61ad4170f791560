import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';

// Compares the types with those of `node:net` in several versions of @types/node, with
// the compilers that users have.

const root = resolve(import.meta.dirname, '../../..');
const compilers = { '5.9': 'typescript-5', '7': 'typescript' };
const nodes = {
  20: '@types/node',
  24: 'types-node-24',
  26: 'types-node-26',
};

/** Members of Node's that goodbyte lacks, by version. */
const lacking: Readonly<Record<string, readonly string[]>> = {
  // Node itself dropped it long ago.
  Server: ['connections'],
};

/** Compiles `files` with a compiler and an @types/node; returns its output. */
function compile(
  folder: string,
  files: Readonly<Record<string, string>>,
  { compiler = 'typescript', types = '@types/node' } = {},
): string {
  const typeRoot = join(folder, 'types');
  mkdirSync(typeRoot, { recursive: true });
  symlinkSync(join(root, 'node_modules', types), join(typeRoot, 'node'));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2023',
        lib: ['es2023', 'esnext.disposable'],
        typeRoots: ['types'],
        types: ['node'],
        strict: true,
        noEmit: true,
        // @types/node itself is not tested.
        skipLibCheck: true,
      },
      files: Object.keys(files),
    }),
  );
  const tsc = join(root, 'node_modules', compiler, 'lib/tsc.js');
  const { stdout } = spawnSync(
    process.execPath,
    [tsc, '-p', folder, '--pretty', 'false'],
    { encoding: 'utf8' },
  );
  return stdout.trim();
}

const program = readFileSync(join(root, 'test/types/program.txt'), 'utf8');
const changed = program.replaceAll("'node:net'", "'goodbyte'");

for (const [version, compiler] of Object.entries(compilers)) {
  t.test(`a typed net program, by TypeScript ${version}`, (t) => {
    const folder = t.testdir({});
    t.equal(
      compile(
        folder,
        { 'net.mts': program, 'ours.mts': changed, 'ours.cts': changed },
        { compiler },
      ),
      '',
    );
    t.end();
  });
}

t.test('events have the documented arguments', (t) => {
  const mistakes = [
    "socket.on('disconnect', (d) => { const n: number = d; });",
    "socket.once('close', (hadError) => hadError.length);",
    "socket.on('data', (chunk) => chunk.nothing);",
    "server.on('connection', (accepted) => accepted.nothing);",
    "server.on('handshakeError', (error) => error.nothing);",
  ];
  const text = `import net from 'goodbyte';
const socket = new net.Socket();
const server = new net.Server();
${mistakes.join('\n')}
`;
  const said = compile(t.testdir({}), { 'events.mts': text });
  const lines = [...said.matchAll(/events\.mts\((\d+),/g)].map(([, line]) =>
    Number(line),
  );
  t.same(
    lines,
    mistakes.map((_, index) => index + 4),
    said,
  );
  t.end();
});

for (const [version, types] of Object.entries(nodes)) {
  t.test(`names and members of @types/node ${version}`, (t) => {
    const declared = readFileSync(
      join(root, 'node_modules', types, 'net.d.ts'),
      'utf8',
    );
    const names = [
      ...declared.matchAll(/^ {4}(?:interface|class|type) (\w+)/gm),
    ].map(([, name]) => name!);
    t.ok(names.length > 15, 'they are found');
    const asked = [...new Set(names)];
    const except = (name: string) =>
      lacking[name]?.map((member) => `'${member}'`).join(' | ') ?? 'never';
    const text = `import net from 'goodbyte';
import type * as names from 'goodbyte';
import type * as theirs from 'node:net';
${asked.map((name) => `export type Of${name} = [net.${name}, names.${name}];`).join('\n')}
type Missing<Theirs, Ours, Known> = Exclude<keyof Theirs, keyof Ours | Known>;
declare const all: Missing<theirs.Socket, net.Socket, ${except('Socket')}>
  | Missing<theirs.Server, net.Server, ${except('Server')}>
  | Missing<typeof theirs, typeof net, 'default'>;
export const none: never = all;
`;
    t.equal(compile(t.testdir({}), { 'names.mts': text }, { types }), '');
    t.end();
  });
}
