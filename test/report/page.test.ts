import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { renderReport, type JsonReport } from '../../conformance/index.js';
import { mergeReports } from '../../conformance/report/merge.js';
import { needsUnix } from '../support/platform.js';
import { hostile, poisoned, sampleReport } from './sample-reports.js';

// Tests the page in a real browser, with a person's actions, by the roles and names that
// a screen reader finds.
const executablePath = '/usr/bin/chromium';
const skip =
  needsUnix(executablePath) ||
  (existsSync(executablePath) ? false : `there is no ${executablePath}`);

const good = await sampleReport({ name: 'good' });
const bad = await sampleReport({ name: 'bad', fault: 'drops-disconnect-data' });

let browser: Browser;
/** Shared by all tests, since each browser is a process. */
let shared: Page;
if (!skip) {
  browser = await chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  t.teardown(() => browser.close());
  shared = await browser.newPage();
}

/** Opens the page of some reports; any complaint of the browser's is a failure. */
async function open(
  t: Test,
  reports: JsonReport[],
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Page> {
  const file = path.join(t.testdir(), 'page.html');
  const [only, ...others] = reports;
  const report = others.length > 0 ? mergeReports(reports, '') : only!;
  writeFileSync(file, renderReport('html', report));
  const url = pathToFileURL(file).href;
  const page = shared;
  page.removeAllListeners();
  await page.goto('about:blank');
  page.on('pageerror', (error) =>
    t.fail(`the script throws: ${error.message}`),
  );
  page.on('console', (message) => t.fail(`the console has: ${message.text()}`));
  page.on('request', (request) =>
    t.equal(request.url(), url, 'no other request'),
  );
  page.on('dialog', (dialog) => {
    t.fail('something that an agent said was executed');
    void dialog.dismiss();
  });
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.goto(url);
  await page
    .locator('#count')
    .getByText(/ of \d+ cases/)
    .waitFor();
  return page;
}

const cellOf = (page: Page, id: string, report: string) =>
  page.getByRole('button', { name: new RegExp(`^${id}, ${report}:`) });

await t.test('matrix, filters, run, diagram', { skip }, async (t) => {
  const page = await open(t, [good, bad]);
  const count = page.getByRole('status');
  t.equal(await count.textContent(), '2 of 2 cases');
  t.equal(await page.getByRole('columnheader').count(), 4);
  t.match(await page.getByRole('article').allInnerTexts(), [
    /^good\n+✓ all 2 cases pass/,
    /^bad\n+✗ 2 of 2 cases fail/,
  ]);

  // Filters.
  const filters = page.getByRole('search');
  const filtered = async (expected: string, what: string) => {
    t.equal(await count.textContent(), expected, what);
    await filters.getByRole('button', { name: 'Reset' }).click();
    await page.getByText('2 of 2 cases', { exact: true }).waitFor();
  };
  await filters.getByRole('searchbox').fill('steps EIGHT');
  await filtered('1 of 2 cases', 'words, in any order and case');
  await filters.getByLabel('Verdict').selectOption('UNIMPLEMENTED');
  await filtered('0 of 2 cases', 'a verdict that nothing has');
  await filters.getByLabel('Level').selectOption('MUST');
  await filtered('2 of 2 cases', 'a level');
  await filters.getByLabel('Family').selectOption('IPv4');
  await filtered('2 of 2 cases', 'a family');
  await filters.getByLabel('Only failures').check();
  await filters.getByLabel('Only differences').check();
  await filtered('2 of 2 cases', 'all fail, and differ');
  await filters.getByLabel('Only failures').check();
  await filters.getByRole('searchbox').fill('eight');

  // A run.
  const cell = cellOf(page, 'eight-steps/fd-close', 'bad');
  t.equal(
    await cell.getAttribute('aria-label'),
    'eight-steps/fd-close, bad: data OK, teardown FAILED, 5 runs',
  );
  await cell.click();
  const run = page.getByRole('dialog', { name: 'eight-steps/fd-close' });
  t.strictSame(await run.getByRole('tab').allInnerTexts(), [
    '✗ 5a 6 7 8',
    '✗ 6 5a 7 8',
    '✗ 6 7 5a 8',
    '✗ 6 7 8 5a',
    '✗ free-running',
  ]);
  t.match(
    await run.getByRole('tabpanel').innerText(),
    /FAILED at 7[^]*Step \(7\): “Invoke WSARecvDisconnect[^]*Expected\n+data: "1041"\n+Actual\n+data: no data/,
  );

  // Its diagram.
  const diagram = run.getByRole('img', { name: /^Sequence diagram of eight/ });
  const steps = async () =>
    (await diagram.locator('.step .id').allTextContents())
      .map((id) => id.replace('✗ ', ''))
      .filter((id) => /^\d/.test(id))
      .join(' ');
  t.equal(await steps(), '1 2 3 4 5 5a 6 7 8');
  t.strictSame(await diagram.locator('.role-name').allTextContents(), [
    'client',
    'server',
  ]);
  const broken = diagram.locator('.step.broken');
  t.match(await broken.allTextContents(), [/✗ 7WSARecvDisconnect/]);
  t.match(
    await diagram.locator('.finding').textContent(),
    /^clause.*Connection Setup and Teardown.*expected.*"1041".*actual.*no data$/,
  );
  const colourOf = (selector: string) =>
    page.evaluate(
      `getComputedStyle(document.querySelector('${selector}')).fill`,
    );
  t.equal(await colourOf('.finding.failed text'), 'rgb(179, 22, 31)', 'in red');
  t.ok((await diagram.locator('.arrow').count()) >= 6);
  t.ok((await diagram.locator('.indication').count()) > 0);
  t.match(await diagram.locator('text.time').first().textContent(), /\d ms$/);

  // The other orders, and back, by keyboard.
  await run.getByRole('tab', { selected: true }).focus();
  await page.keyboard.press('ArrowRight');
  t.equal(await steps(), '1 2 3 4 5 6 5a 7 8');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  t.equal(
    await run.getByRole('tab', { selected: true }).innerText(),
    '✗ free-running',
  );
  await run.getByText('The same in words').click();
  t.match(await run.getByRole('table').innerText(), /WSASendDisconnect "41"/);
  await page.keyboard.press('Escape');
  await page.waitForURL((url) => url.hash === '');
  t.notOk(await run.isVisible(), 'Esc closes it');
  t.equal(
    await page.evaluate('document.activeElement.getAttribute("aria-label")'),
    await cell.getAttribute('aria-label'),
    'and the focus is where it was',
  );
});

await t.test('the matrix by keyboard', { skip }, async (t) => {
  const page = await open(t, [good, bad]);
  const focused = () =>
    page.evaluate<string>('document.activeElement.getAttribute("aria-label")');
  await page.getByRole('button', { name: 'Reset' }).focus();
  await page.keyboard.press('Tab');
  // A scrollable element may be a stop of its own.
  if (!(await focused())) await page.keyboard.press('Tab');
  t.match(await focused(), /^disconnect-data\/server-first, good:/);
  const moves: [string, RegExp][] = [
    ['ArrowRight', /^disconnect-data\/server-first, bad:/],
    ['ArrowDown', /^eight-steps\/fd-close, bad:/],
    ['ArrowLeft', /^eight-steps\/fd-close, good:/],
    ['Home', /^disconnect-data\/server-first, good:/],
    ['End', /^eight-steps\/fd-close, good:/],
    ['ArrowUp', /^disconnect-data\/server-first, good:/],
  ];
  for (const [key, expected] of moves) {
    await page.keyboard.press(key);
    t.match(await focused(), expected, key);
  }
  const outline = await page.evaluate(
    'getComputedStyle(document.activeElement).outlineStyle',
  );
  t.equal(outline, 'solid', 'the focus can be seen');
  await page.keyboard.press('Enter');
  t.ok(await page.getByRole('dialog').isVisible());
});

await t.test('an address for each case', { skip }, async (t) => {
  const page = await open(t, [good, bad]);
  await cellOf(page, 'eight-steps/fd-close', 'bad').click();
  t.equal(
    await page.evaluate('location.hash'),
    '#case=eight-steps%2Ffd-close&report=bad',
  );
  t.equal(
    await page.locator('.command code').textContent(),
    "goodbyte conformance run --scenario 'eight-steps/fd-close' --family IPv4",
  );
  await page.reload();
  const run = page.getByRole('dialog', { name: 'eight-steps/fd-close' });
  await run.waitFor();
  t.match(await run.innerText(), / · bad\n/);
  await page.keyboard.press('Escape');
  // A dialog reports its closing a turn later.
  await page.waitForURL((url) => url.hash === '');
  t.notOk(await run.isVisible());
});

await t.test('groups fold, and count', { skip }, async (t) => {
  const page = await open(t, [good, bad]);
  const group = page.getByRole('button', { name: /^eight-steps 1 case/ });
  const cell = cellOf(page, 'eight-steps/fd-close', 'bad');
  t.match(await group.innerText(), /1 case\s+1 failed/);
  await group.click();
  t.equal(await group.getAttribute('aria-expanded'), 'false');
  t.notOk(await cell.isVisible());
  await page.getByRole('searchbox').fill('eight');
  t.ok(await cell.isVisible(), 'whoever searches finds');
});

await t.test('without script: counts and failures', { skip }, async (t) => {
  const file = path.join(t.testdir(), 'page.html');
  writeFileSync(file, renderReport('html', poisoned(bad)));
  const page = await browser.newPage({ javaScriptEnabled: false });
  t.teardown(() => page.close());
  await page.goto(pathToFileURL(file).href);
  const shown = await page.locator('main').innerText();
  t.match(shown, /\d+ runs: .*\d+ FAILED/);
  t.match(shown, /eight-steps\/fd-close/);
  t.match(shown, '</script><script>alert(1)</script>', 'as text');
  t.equal(
    await page.evaluate('document.documentElement.scrollWidth'),
    await page.evaluate('innerWidth'),
    'all columns are on the screen',
  );
});

await t.test('a large suite begins folded', { skip }, async (t) => {
  const many = structuredClone(good);
  for (let number = 0; number < 50; number++) {
    for (const run of good.runs) {
      many.runs.push({ ...run, id: `${run.id}[number=${number}]` });
    }
  }
  const page = await open(t, [many]);
  const group = page.getByRole('button', { name: /^eight-steps 51 cases/ });
  const cells = page.locator('button.pair');
  t.equal(await group.getAttribute('aria-expanded'), 'false');
  t.equal(await cells.count(), 0, 'nothing is made that is not shown');
  await group.click();
  t.equal(await cells.count(), 51);
  await page.getByRole('searchbox').fill('number=7]');
  await page.getByText('2 of 102 cases').waitFor();
  const shown = page.getByRole('button', { name: /number=7\], good:/ });
  t.equal(await shown.count(), 2, 'a folded group opens for a search');
  await shown.first().click();
  t.ok(await page.getByRole('dialog').isVisible());
});

await t.test('three reports fit a laptop', { skip }, async (t) => {
  const page = await open(t, [good, bad, { ...good, name: 'other' }]);
  await page.setViewportSize({ width: 1280, height: 800 });
  const box = await cellOf(page, 'eight-steps/fd-close', 'other').boundingBox();
  t.ok(box && box.x + box.width <= 1280, 'the last column is on the screen');
});

await t.test("light, dark, and the system's choice", { skip }, async (t) => {
  const background = (page: Page) =>
    page.evaluate('getComputedStyle(document.body).backgroundColor');
  const [light, dark] = ['rgb(255, 255, 255)', 'rgb(15, 19, 24)'];
  const page = await open(t, [good], 'dark');
  t.equal(await background(page), dark);
  const theme = page.getByRole('button', { name: /^Theme:/ });
  const colours: unknown[] = [];
  for (const _ of [1, 2, 3]) {
    await theme.click();
    colours.push([await theme.innerText(), await background(page)]);
  }
  t.strictSame(colours, [
    ['Theme: light', light],
    ['Theme: dark', dark],
    ['Theme: as the system', dark],
  ]);
});

await t.test('an agent’s words are shown as text', { skip }, async (t) => {
  const page = await open(t, [poisoned(bad)]);
  await page.getByLabel('Only failures').check();
  await page.getByRole('button', { name: /^eight-steps\/fd-close/ }).click();
  const shown = await page.getByRole('dialog').innerText();
  t.match(shown, '</script><script>alert(1)</script>');
  t.equal(await page.locator('script').count(), 2);
  t.match(
    await page.locator('main').innerText(),
    hostile.slice(0, hostile.indexOf('\u001B')),
  );
});

await t.test(
  'a run that ended early, and one of nothing',
  { skip },
  async (t) => {
    const lost = structuredClone(bad);
    for (const run of lost.runs) run.transcript.splice(4);
    const page = await open(t, [lost]);
    await page.getByRole('button', { name: /^eight-steps\/fd-close/ }).click();
    t.ok(await page.getByRole('img', { name: /^Sequence/ }).isVisible());
    await open(t, [{ ...good, runs: [] }]);
    t.match(await page.locator('main').innerText(), /✗ nothing ran/);
    t.equal(await page.getByRole('status').textContent(), '0 of 0 cases');
  },
);

await t.test('the JUnit report is XML', { skip }, async (t) => {
  const page = await open(t, [good]);
  for (const report of [good, bad, poisoned(bad)]) {
    const xml = renderReport('junit', report);
    const told = await page.evaluate(`(() => {
      const xml = ${JSON.stringify(xml)};
      const parsed = new DOMParser().parseFromString(xml, 'text/xml');
      const count = (name) => parsed.querySelectorAll(name).length;
      return {
        errors: count('parsererror'),
        cases: count('testsuites > testsuite > testcase'),
        failures: count('testcase > failure'),
      };
    })()`);
    t.strictSame(told, {
      errors: 0,
      cases: report.runs.length,
      failures: report.summary.FAILED,
    });
  }
});
