import { data, isUnexpectedPass, verdicts, verdictsOf } from './data.js';
import { byId, el } from './dom.js';
import { filters } from './filters.js';
import { markOf } from './format.js';
import { matrix } from './matrix.js';
import { showAddressed } from './run-view.js';

function reportCard(report, index) {
  const runs = data.cases.flatMap((tested) => tested.runs[index]);
  const cases = data.cases.filter(({ runs: of }) => of[index].length > 0);
  const failing = cases.filter(
    (tested) =>
      verdictsOf(tested, index).failed || isUnexpectedPass(tested, index),
  ).length;
  const state =
    runs.length === 0
      ? ['failed', `${markOf('FAILED')} nothing ran`]
      : failing > 0
        ? [
            'failed',
            `${markOf('FAILED')} ${failing} of ${cases.length} cases fail`,
          ]
        : ['passed', `${markOf('OK')} all ${cases.length} cases pass`];
  const counts = verdicts.flatMap((verdict) => {
    const count = runs.filter((run) => verdictOf(run) === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  return el(
    'article',
    { class: 'report' },
    el('h2', {}, report.name),
    el('p', { class: `state ${state[0]}` }, state[1]),
    ...(report.stale ?? []).map((line) =>
      el(
        'p',
        { class: 'state failed' },
        `${markOf('FAILED')} known to fail, but no case matches: ${line}`,
      ),
    ),
    ...brokenOff(report),
    el(
      'p',
      {},
      `${runs.length} runs: ${counts.join(', ')} `,
      el(
        'span',
        { class: 'quiet' },
        `in ${(report.milliseconds / 1000).toFixed(1)} s`,
      ),
    ),
    el(
      'dl',
      {},
      ...report.facts.flatMap(([term, text]) => [
        el('dt', {}, term),
        el('dd', {}, text),
      ]),
    ),
  );
}

const absentCard = (name) =>
  el(
    'article',
    { class: 'report' },
    el('h2', {}, name),
    el('p', { class: 'state failed' }, `${markOf('FAILED')} no report of it`),
  );

/** For an unfinished suite: the reason, and the cases that were not run. */
function brokenOff({ broken }) {
  if (broken === undefined) return [];
  const { why, notRun } = broken;
  return [
    el(
      'p',
      { class: 'state failed' },
      `${markOf('FAILED')} broken off: ${why}`,
    ),
    el(
      'details',
      {},
      el('summary', {}, `${notRun.length} runs were not run`),
      el('ul', {}, ...notRun.map((name) => el('li', {}, name))),
    ),
  ];
}

const verdictOf = ({ data: first, teardown }) =>
  verdicts.findLast((one) => one === first || one === teardown);

/** The system's choice, light, or dark. */
function themes() {
  const names = { '': 'as the system', light: 'light', dark: 'dark' };
  const order = Object.keys(names);
  const button = byId('theme');
  button.hidden = false;
  button.addEventListener('click', () => {
    const now = document.documentElement.dataset.theme ?? '';
    const next = order[(order.indexOf(now) + 1) % order.length];
    if (next === '') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    button.textContent = `Theme: ${names[next]}`;
  });
}

byId('reports').append(
  ...data.reports.map(reportCard),
  ...(data.absent ?? []).map(absentCard),
);
const made = matrix();
byId('matrix').append(made.table);
filters(made);
themes();
showAddressed();
addEventListener('hashchange', showAddressed);
byId('run').addEventListener('close', ({ target }) => {
  if (target.open) return;
  history.replaceState(null, '', location.pathname + location.search);
});
