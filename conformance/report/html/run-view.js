import { markOf, milliseconds, wordOf } from './format.js';
import { data } from './data.js';
import { byId, el } from './dom.js';
import { diagram, rowsOf } from './diagram.js';

/** A verdict as a mark and a word. */
export const badge = (verdict, phase) =>
  el(
    'span',
    { class: `badge v-${verdict ?? 'none'}` },
    el('span', { class: 'mark', 'aria-hidden': 'true' }, markOf(verdict)),
    phase === undefined ? '' : el('span', { class: 'quiet' }, `${phase} `),
    wordOf(verdict),
  );

const clauseBlock = ({ source, section, sentence }) =>
  el(
    'figure',
    { class: 'clause' },
    el('blockquote', {}, sentence),
    el('figcaption', {}, `${source}, ${section}`),
  );

const runLabel = ({ order, mode, repetition }) => {
  const name = order === '' ? 'the only order' : order;
  const again = repetition === undefined ? '' : `, no. ${repetition}`;
  return `${mode === 'free' ? 'free-running' : name}${again}`;
};

function findingBlock(finding) {
  const { source, section, sentence } = data.clauses[finding.clause];
  const rows = [
    [
      finding.checks ? 'Checks' : 'Clause',
      `${source}, ${section}: “${sentence}”`,
    ],
    ['Expected', finding.expected],
    ['Actual', finding.got],
    ...(finding.why === undefined ? [] : [['Known', finding.why]]),
  ];
  return el(
    'section',
    { class: finding.verdict === 'FAILED' ? 'broken failed' : 'broken' },
    el(
      'h3',
      {},
      badge(finding.verdict),
      ` at ${finding.step} by the ${finding.agent}`,
    ),
    el(
      'dl',
      {},
      ...rows.flatMap(([term, text]) => [
        el('dt', {}, term),
        el('dd', {}, text),
      ]),
    ),
  );
}

function inWords(rows) {
  const head = ['Time', 'Who', 'Step', 'What', 'Result'];
  return el(
    'details',
    {},
    el('summary', {}, 'The same in words'),
    el(
      'div',
      { class: 'scroll' },
      el(
        'table',
        { class: 'words' },
        el(
          'thead',
          {},
          el('tr', {}, ...head.map((text) => el('th', { scope: 'col' }, text))),
        ),
        el(
          'tbody',
          {},
          ...rows.map((row) =>
            el(
              'tr',
              {},
              ...[
                milliseconds(row.at),
                row.agent,
                row.id ?? '',
                [row.what, row.given].filter(Boolean).join(' '),
                row.outcome,
              ].map((text) => el('td', {}, text)),
            ),
          ),
        ),
      ),
    ),
  );
}

function runPanel(tested, run) {
  const rows = rowsOf(tested, run, data.clauses);
  const title =
    `Sequence diagram of ${tested.name}, ${runLabel(run)}: ` +
    `data ${wordOf(run.data)}, teardown ${wordOf(run.teardown)}. ` +
    'The table below has the same in words.';
  return [
    el(
      'p',
      { class: 'verdicts' },
      badge(run.data, 'data'),
      badge(run.teardown, 'teardown'),
      el('span', { class: 'quiet' }, milliseconds(run.ms)),
    ),
    ...(run.known === undefined
      ? []
      : [el('p', { class: 'known' }, `Known to fail: ${run.known}`)]),
    ...(run.findings ?? []).map(findingBlock),
    ...(run.warnings ?? []).map((text) =>
      el('p', { class: 'warning' }, `Warning: ${text}`),
    ),
    el('p', { class: 'hint' }, 'The diagram scrolls sideways.'),
    el(
      'div',
      {
        class: 'scroll',
        tabindex: '0',
        role: 'group',
        'aria-label': 'Diagram',
      },
      diagram(tested, run, rows, title),
    ),
    el(
      'p',
      { class: 'quiet' },
      'An arrow leads from a step to one of another side that the scenario has ' +
        'come after it. A diamond is an indication. Times are those of the runner.',
    ),
    inWords(rows),
  ];
}

/** Shows the runs of a case in a report; the gravest one first. */
export function showRuns(tested, report) {
  const dialog = byId('run');
  const { agents, name: reportName } = data.reports[report];
  const family = ` --family ${tested.family}`;
  const command = `goodbyte conformance run --scenario '${tested.scenario}'${family}${agents}`;
  const link = new URLSearchParams({ case: tested.name, report: reportName });
  history.replaceState(null, '', `#${link}`);
  const runs = tested.runs[report];
  const panel = el('div', {
    id: 'run-panel',
    role: 'tabpanel',
    'aria-labelledby': 'run-tab-0',
  });
  const tabs = runs.map((run, index) =>
    el(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `run-tab-${index}`,
        'aria-controls': 'run-panel',
        class: run.failed ? 'tab failed' : 'tab',
        onclick: () => choose(index),
        onkeydown: (event) => {
          const to = { ArrowLeft: index - 1, ArrowRight: index + 1 }[event.key];
          if (to === undefined) return;
          event.preventDefault();
          choose((to + runs.length) % runs.length);
          dialog.querySelector('[aria-selected="true"]').focus();
        },
      },
      `${run.failed ? markOf('FAILED') : markOf(run.data ?? run.teardown)} `,
      runLabel(run),
    ),
  );
  function choose(chosen) {
    tabs.forEach((tab, index) => {
      tab.setAttribute('aria-selected', String(index === chosen));
      tab.tabIndex = index === chosen ? 0 : -1;
    });
    panel.setAttribute('aria-labelledby', `run-tab-${chosen}`);
    panel.replaceChildren(...runPanel(tested, runs[chosen]));
  }
  dialog.replaceChildren(
    el(
      'header',
      {},
      el(
        'div',
        {},
        el('h2', { id: 'run-title' }, tested.name),
        el('p', {}, tested.title),
        el(
          'p',
          { class: 'quiet' },
          `${tested.level} · ${tested.family} · ${tested.socketType} · `,
          data.reports[report].name,
        ),
      ),
      el(
        'button',
        { type: 'button', class: 'close', onclick: () => dialog.close() },
        'Close',
      ),
    ),
    clauseBlock(data.clauses[tested.clause]),
    el(
      'p',
      { class: 'command' },
      'Repeat it: ',
      el(
        'code',
        {},
        // Options must not contain line ends.
        ...command.split(/(?<= )/).map((word) => el('span', {}, word)),
      ),
      ' This page’s address leads here.',
    ),
    el(
      'div',
      { class: 'tabs', role: 'tablist', 'aria-label': 'Runs' },
      ...tabs,
    ),
    panel,
  );
  choose(
    Math.max(
      0,
      runs.findIndex((run) => run.failed),
    ),
  );
  dialog.showModal();
}

/** The runs that the page's address names, if any. */
export function showAddressed() {
  const named = new URLSearchParams(location.hash.slice(1));
  const tested = data.cases.find(({ name }) => name === named.get('case'));
  const index = data.reports.findIndex(
    ({ name }) => name === named.get('report'),
  );
  const report = Math.max(0, index);
  if (!tested || tested.runs[report].length === 0) return;
  byId('run').close();
  showRuns(tested, report);
}
