import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import { helpTexts } from '../../cli/help.js';
import { manualPage } from '../../cli/manual-page.js';
import { needsUnix } from '../support/platform.js';

const groff = '/usr/bin/groff';
const skip =
  needsUnix(groff) || (existsSync(groff) ? false : `there is no ${groff}`);

/** The page as a terminal shows it, without bold and underlined letters. */
function rendered(page: string): string {
  const { status, stdout, stderr } = spawnSync(
    groff,
    ['-ww', '-mandoc', '-Tascii', '-P-cbou', '-rLL=90n'],
    { input: page, encoding: 'utf8' },
  );
  t.equal(stderr, '', 'no warnings');
  t.equal(status, 0);
  return stdout;
}

await t.test('it has each command with its options', { skip }, (t) => {
  const shown = rendered(manualPage('1.2.3'));
  t.match(shown, /^GOODBYTE\(1\).*GOODBYTE\(1\)$/m);
  t.match(shown, /^goodbyte 1\.2\.3 /m);
  const sections = new Map(
    shown.split(/^(?=\S)/m).map((section) => {
      const [title = ''] = section.split('\n', 1);
      return [title, section];
    }),
  );
  const words = (text = '') => text.replaceAll(/\s+/g, ' ');
  const { goodbyte, ...commands } = helpTexts;
  for (const [, command = ''] of goodbyte.matchAll(
    /^ {2}([a-z][a-z ]*?) {2}/gm,
  )) {
    t.match(sections.get('Commands'), `       ${command}`, command);
  }
  for (const text of Object.values(commands)) {
    const title = /(?<=^Usage: )goodbyte [a-z ]*[a-z]/.exec(text)![0];
    const section = sections.get(title) ?? '';
    for (const [line] of text.matchAll(/(?<=^Usage: ).*/gm)) {
      t.match(section, line, line);
    }
    for (const [, option = '', description] of text.matchAll(
      /^ {2}(-\S.*?) {2,}(.*)$/gm,
    )) {
      t.match(words(section), ` ${option} ${description}`, option);
    }
    for (const [codes] of text.matchAll(/^Exit codes?[^]*?(?=\n\n|\n$)/gm)) {
      t.match(words(section), words(codes), codes);
    }
  }
  t.end();
});

t.test('the package has it', (t) => {
  const { man, version } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    man: [string];
    version: string;
  };
  t.equal(readFileSync(man[0], 'utf8'), manualPage(version));
  t.end();
});
