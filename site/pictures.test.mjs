import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const skip = !existsSync('/usr/bin/chromium') && 'there is no Chromium';
if (skip && process.env.GOODBYTE_FULL) throw new Error(skip);

test('the pictures can be made again', { skip }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'goodbyte-pictures-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const script = join(root, 'scripts', 'pictures.mjs');
  const { status, stderr } = spawnSync(
    process.execPath,
    [script, '--to', folder],
    { encoding: 'utf8' },
  );
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.deepEqual(
    readdirSync(folder).toSorted(),
    readdirSync(join(root, 'docs', 'pictures')).toSorted(),
  );
  const words = [
    ['everyday.svg', /caller data: "teller 7"[^]*last word: "the grand total/],
    ['conformance.svg', /class="s31">FAILED at step 7[^]*3 FAILED/],
    ['report.webp', /^RIFF....WEBP/s],
    ['report-run.webp', /^RIFF....WEBP/s],
  ];
  for (const [file, expected] of words) {
    assert.match(readFileSync(join(folder, file), 'latin1'), expected);
  }
});
