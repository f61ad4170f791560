import assert from 'node:assert/strict';
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const dist = fileURLToPath(new URL('dist', import.meta.url));
const executablePath = '/usr/bin/chromium';
const skip = !existsSync(executablePath) && `there is no ${executablePath}`;
if (skip && process.env.GOODBYTE_FULL) throw new Error(skip);

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/** Serves the files unchanged, like any static host. */
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const file = join(dist, pathname.replace(/\/$/, '/index.html'));
  if (!existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('Content-Type', TYPES[extname(file)] ?? 'text/plain');
  createReadStream(file).pipe(response);
});

let browser;
let address;
before(async () => {
  if (skip) return;
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  address = `http://127.0.0.1:${server.address().port}`;
  browser = await chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic'],
  });
});
after(async () => {
  await browser?.close();
  server.close();
});

/** Opens a page; errors, failed requests and requests to other hosts are failures. */
async function open(t, path, options) {
  const page = await browser.newPage(options);
  const troubles = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    if (message.type() !== 'log') troubles.push(message.text());
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(address) && !url.startsWith('data:')) {
      troubles.push(`a request to ${url}`);
    }
  });
  page.on('response', (response) => {
    if (response.status() >= 400) {
      troubles.push(`${response.status()} for ${response.url()}`);
    }
  });
  t.after(async () => {
    await page.close();
    assert.deepEqual(troubles, []);
  });
  await page.goto(address + path);
  return page;
}

test('home, and from there to a page', { skip }, async (t) => {
  const page = await open(t, '/');
  const hero = page.getByRole('heading', { level: 1 });
  assert.match(await hero.innerText(), /goodbyte\s+First and last words/);
  for (const picture of await page.getByRole('main').getByRole('img').all()) {
    await picture.scrollIntoViewIfNeeded();
    assert.notEqual(await picture.evaluate('it => it.naturalWidth'), 0);
  }
  await page.getByRole('link', { name: 'Get started' }).click();
  await page.getByRole('heading', { level: 1, name: 'goodbyte' }).waitFor();
  await page.getByRole('link', { name: 'Errors', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: /^Errors/ }).waitFor();
});

test('a page of the reference', { skip }, async (t) => {
  const page = await open(t, '/reference/goodbyte/classes/Socket.html');
  const main = page.getByRole('main');
  await main.getByRole('heading', { level: 1, name: 'Socket' }).waitFor();
  const method = main.getByRole('heading', { name: /^disconnect\(\)/ });
  await method.first().waitFor();
  assert.match(await main.innerText(), /disconnect\(data\?/);
});

test('search', { skip }, async (t) => {
  const page = await open(t, '/');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('searchbox').fill('rejectData');
  const found = page.getByRole('listbox').getByRole('option');
  await found.first().waitFor();
  const target = await found.first().getByRole('link').getAttribute('href');
  await page.keyboard.press('Enter');
  await page.waitForURL(address + target);
  await page.getByRole('main').getByText('rejectData').first().waitFor();
});

test('on a phone, in the dark', { skip }, async (t) => {
  const page = await open(t, '/api.html', {
    colorScheme: 'dark',
    viewport: { width: 390, height: 844 },
  });
  await page.getByRole('heading', { level: 1, name: 'API' }).waitFor();
  assert.equal(await page.evaluate('document.body.scrollWidth'), 390);
  assert.equal(
    await page.evaluate('document.documentElement.className'),
    'dark',
  );
});
