// Types the README's first ten minutes, line by line, into an empty folder: each
// command in a shell block is run, with a tarball for the package's name; each
// sample is written to the file that its first line names; and the output is compared
// with the README's.
//
//   node scripts/type-readme.mjs TARBALL

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const [tarball] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'goodbyte-readme-'));
const running = [];
let failures = 0;

/** The README's port may be taken here. */
const port = await freePort();
const asHere = (shown) => shown.replaceAll('4711', String(port));

async function freePort() {
  const server = net.createServer().listen(0);
  await once(server, 'listening');
  const { port: free } = server.address();
  server.close();
  await once(server, 'close');
  return free;
}

async function isListening() {
  const socket = net.connect(port, 'localhost');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function report(title, wrong) {
  if (wrong) failures += 1;
  process.stdout.write(`${wrong ? 'FAILED ' : 'ok     '} ${title}\n`);
  if (wrong) process.stdout.write(`${wrong.trimEnd()}\n`);
}

/** Blocks with a language, up to the heading after the first ten minutes. */
function blocks() {
  const readme = fileURLToPath(new URL('../README.md', import.meta.url));
  const [begin] = readFileSync(readme, 'utf8').split('\n## Where to start\n');
  return Array.from(
    begin.matchAll(/^```(\w+)\n(.*?)^```$/gms),
    ([, language, content]) => ({ language, content }),
  );
}

function save(sample) {
  const [, name] = /^\/\/ (\w+\.mjs)\b/.exec(sample) ?? [];
  report(
    `a sample for ${name}`,
    name ? '' : `its first line names no file:\n${sample}`,
  );
  if (name) writeFileSync(join(folder, name), asHere(sample));
}

/** Runs the command after `$` until it ends, or listens if it is a server. */
async function type(content) {
  const [, command, shown] = /^\$ ((?:.*\\\n)*.*)\n([^]*)$/.exec(content) ?? [];
  if (command === undefined) {
    report(
      'a block of a shell',
      `it does not begin with a command:\n${content}`,
    );
    return;
  }
  const wasListening = await isListening();
  const child = spawn(asHere(command), {
    cwd: folder,
    shell: true,
    // Ends its whole group.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = Promise.all([text(child.stdout), text(child.stderr)]);
  const closed = once(child, 'close');
  running.push({ command, shown, child, printed, closed });
  while (child.exitCode === null && child.signalCode === null) {
    if (!wasListening && (await isListening())) return;
    await wait(20);
  }
  await closed;
}

/** Ends the programs that still run: their output is complete. */
async function compare({ command, shown, child, printed, closed }) {
  if (child.exitCode === null && child.signalCode === null) {
    process.kill(-child.pid);
  }
  await closed;
  const [stdout, stderr] = await printed;
  const here = stdout + stderr;
  report(
    `$ ${command}`,
    here === asHere(shown)
      ? ''
      : `the README shows\n${asHere(shown)}but it printed\n${here}`,
  );
}

async function install(line) {
  if (line !== 'npm install goodbyte') {
    report(line, 'only `npm install goodbyte` is known here');
    return;
  }
  const npm = spawn(`npm install --no-audit --no-fund "${tarball}"`, {
    cwd: folder,
    shell: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [complaints, [code]] = await Promise.all([
    text(npm.stderr),
    once(npm, 'close'),
  ]);
  report(line, code === 0 ? '' : complaints);
}

try {
  const found = blocks();
  for (const { language, content } of found) {
    if (language === 'js') save(content);
    else if (language === 'console') await type(content);
    else if (language === 'sh') {
      for (const line of content.trimEnd().split('\n')) await install(line);
    } else report(language, 'a block that is not run');
  }
  for (const each of running) await compare(each);
  if (running.length === 0) report('README', 'it runs nothing');
} finally {
  for (const { child } of running) {
    if (child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGKILL');
    }
  }
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failures > 0 ? 1 : 0;
