import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkLinks } from './links.mjs';

const cases = [
  ['/docs/b.html', undefined],
  ['b.html#a%20heading', undefined],
  ['#top', undefined],
  ['https://nodejs.org/api/net.html#nothing', undefined],
  ['/docs/c.html', 'a.html: /docs/c.html'],
  ['/b.html', 'a.html: /b.html'],
  ['b.html#another', 'a.html: b.html#another'],
  ['#bottom', 'a.html: #bottom'],
];

for (const [link, dead] of cases) {
  test(`${link} is ${dead ? 'dead' : 'alive'}`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'goodbyte-links-'));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'a.html'), `<a id="top" href="${link}">b</a>`);
    writeFileSync(join(folder, 'b.html'), '<h2 id="a heading">b</h2>');
    const check = () => checkLinks(folder, '/docs/');
    if (dead) assert.throws(check, { message: `dead links:\n${dead}` });
    else check();
  });
}
