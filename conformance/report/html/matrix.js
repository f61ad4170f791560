import { wordOf } from './format.js';
import { data, isFailing, isUnexpectedPass, verdictsOf } from './data.js';
import { el } from './dom.js';
import { badge, showRuns } from './run-view.js';

const groupOf = ({ name }) => name.split('/')[0];

function cell(tested, report) {
  const found = verdictsOf(tested, report);
  if (!found) return el('td', { class: 'absent' }, 'not run');
  const runs = tested.runs[report].length;
  const passed = isUnexpectedPass(tested, report);
  const remarks = [
    ...(found.known ? ['known to fail'] : []),
    ...(passed ? ['unexpected pass'] : []),
  ];
  const label =
    `${tested.name}, ${data.reports[report].name}: data ${wordOf(found.data)}, ` +
    `teardown ${wordOf(found.teardown)}, ` +
    [`${runs} ${runs === 1 ? 'run' : 'runs'}`, ...remarks].join(', ');
  return el(
    'td',
    {},
    el(
      'button',
      {
        type: 'button',
        class: 'pair',
        tabindex: '-1',
        'aria-label': label,
        'aria-haspopup': 'dialog',
        onclick: () => showRuns(tested, report),
      },
      badge(found.data),
      badge(found.teardown),
      ...remarks.map((text) => el('span', { class: 'remark' }, text)),
    ),
  );
}

function caseRow(tested) {
  return el(
    'tr',
    {},
    el(
      'th',
      { scope: 'row' },
      el('span', { class: 'case' }, tested.name),
      tested.differs ? el('span', { class: 'differs' }, 'differs') : undefined,
      el('span', { class: 'title' }, tested.title),
    ),
    el('td', { class: 'level' }, tested.level),
    ...data.reports.map((_, report) => cell(tested, report)),
  );
}

/** The row of a case, hidden if a filter excludes it. */
function rowOf({ tested, hidden }) {
  const row = caseRow(tested);
  row.hidden = hidden;
  return row;
}

const failuresFirst = (one, other) => other.failing - one.failing;

/** With more cases than this, groups without a failure begin folded. */
const MANY = 40;

function group(name, own) {
  const failed = own.filter(({ failing }) => failing).length;
  const count = `${own.length} ${own.length === 1 ? 'case' : 'cases'}`;
  const fold = el(
    'button',
    { type: 'button', class: 'fold', onclick: () => setFolded(!isFolded()) },
    `${name} `,
    el('span', { class: 'quiet' }, `${count} `),
    failed === 0
      ? undefined
      : el('span', { class: 'v-FAILED' }, `${failed} failed`),
  );
  const body = el(
    'tbody',
    {},
    el(
      'tr',
      { class: 'group' },
      el('th', { scope: 'rowgroup', colspan: data.reports.length + 2 }, fold),
    ),
  );
  const isFolded = () => body.classList.contains('folded');
  function setFolded(folded) {
    // Its rows are made when they are first shown.
    if (!folded && body.rows.length === 1) {
      body.append(...own.map((one) => (one.row ??= rowOf(one))));
    }
    body.classList.toggle('folded', folded);
    fold.setAttribute('aria-expanded', String(!folded));
  }
  setFolded(failed === 0 && data.cases.length > MANY);
  return { body, own, failing: failed > 0, setFolded };
}

/** The matrix, and its cases: `row` exists once a case has been shown. */
export function matrix() {
  const rows = data.cases.map((tested) => ({
    tested,
    hidden: false,
    row: undefined,
    failing: isFailing(tested),
  }));
  const byGroup = Map.groupBy(rows, ({ tested }) => groupOf(tested));
  // Failures first, among groups and in each.
  const groups = [...byGroup]
    .map(([name, own]) => group(name, own.toSorted(failuresFirst)))
    .toSorted(failuresFirst);
  const table = el(
    'table',
    {
      class: data.reports.length > 2 ? 'matrix many' : 'matrix',
      onkeydown: moveFocus,
      onfocusin: keepTabStop,
    },
    el('caption', {}, 'Cases, and their verdicts in each report. '),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, 'Case'),
        el('th', { scope: 'col' }, 'Level'),
        ...data.reports.map(({ name }) =>
          el(
            'th',
            { scope: 'col' },
            name,
            el(
              'span',
              { class: 'phases' },
              el('span', {}, 'data'),
              el('span', {}, 'teardown'),
            ),
          ),
        ),
      ),
    ),
    ...groups.map(({ body }) => body),
  );
  return { table, rows, groups };
}

const cellsOf = (row) => [...row.querySelectorAll('button.pair')];

/** The arrow keys go from one pair of verdicts to the next. */
function moveFocus(event) {
  const from = event.target.closest('button.pair');
  if (!from) return;
  const rows = [...event.currentTarget.querySelectorAll('tbody tr')].filter(
    (row) =>
      !row.hidden &&
      !row.parentElement.hidden &&
      !row.parentElement.classList.contains('folded') &&
      cellsOf(row).length > 0,
  );
  const row = from.closest('tr');
  const at = rows.indexOf(row);
  const column = from.parentElement.cellIndex;
  const inRow = (there) =>
    cellsOf(there).find((one) => one.parentElement.cellIndex >= column) ??
    cellsOf(there).at(-1);
  const siblings = cellsOf(row);
  const index = siblings.indexOf(from);
  const to = {
    ArrowDown: () => rows[at + 1] && inRow(rows[at + 1]),
    ArrowUp: () => rows[at - 1] && inRow(rows[at - 1]),
    ArrowRight: () => siblings[index + 1],
    ArrowLeft: () => siblings[index - 1],
    Home: () => inRow(rows[0]),
    End: () => inRow(rows.at(-1)),
  }[event.key]?.();
  if (!to) return;
  event.preventDefault();
  to.focus();
}

/** One pair is a stop of the tab key: the one that had the focus last. */
function keepTabStop(event) {
  const to = event.target.closest('button.pair');
  if (!to) return;
  for (const stop of event.currentTarget.querySelectorAll(
    'button.pair[tabindex="0"]',
  )) {
    stop.tabIndex = -1;
  }
  to.tabIndex = 0;
}
