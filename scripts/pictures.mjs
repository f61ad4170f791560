// Makes the documentation's pictures: terminals as SVG from the command's output,
// and the report's page from headless Chromium.
//
//   node scripts/pictures.mjs            into docs/pictures
//   node scripts/pictures.mjs --to DIR   elsewhere

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { parseOptions } from './options.mjs';
import { conformance, everyday, reportPage } from './pictures/sessions.mjs';
import { terminalSvg } from './pictures/terminal.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseOptions({
  options: { to: { type: 'string', default: join(root, 'docs', 'pictures') } },
});
const folder = resolve(values.to);
process.chdir(root);

/** WebP takes a third of PNG's size. */
async function saveScreenshot(page, name) {
  const png = await page.screenshot();
  const blank = await browser.newPage();
  const webp = await blank.evaluate(async (encoded) => {
    const image = await createImageBitmap(
      await (await fetch(`data:image/png;base64,${encoded}`)).blob(),
    );
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: image.width, height: image.height });
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.8).split(',')[1];
  }, png.toString('base64'));
  await blank.close();
  writeFileSync(join(folder, name), Buffer.from(webp, 'base64'));
}

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'everyday.svg'), terminalSvg(await everyday()));
writeFileSync(
  join(folder, 'conformance.svg'),
  terminalSvg(await conformance()),
);

const temporary = mkdtempSync(join(tmpdir(), 'goodbyte-pictures-'));
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu'],
});
try {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    colorScheme: 'light',
  });
  await page.goto(pathToFileURL(await reportPage(temporary)).href);
  await page.getByRole('status').getByText(/ of /).waitFor();
  await saveScreenshot(page, 'report.webp');
  await page
    .getByRole('button', { name: /^eight-steps\/fd-close, my-agent:/ })
    .click();
  await page.getByRole('img', { name: /^Sequence diagram/ }).waitFor();
  await saveScreenshot(page, 'report-run.webp');
} finally {
  await browser.close();
  rmSync(temporary, { recursive: true });
}
