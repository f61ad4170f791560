import { data, verdicts, verdictsOf } from './data.js';
import { byId, el } from './dom.js';

const select = (name, label, values) =>
  el(
    'label',
    {},
    label,
    el(
      'select',
      { name },
      el('option', { value: '' }, 'all'),
      ...values.map((value) => el('option', { value }, value)),
    ),
  );

const checkbox = (name, label) =>
  el(
    'label',
    { class: 'check' },
    el('input', { type: 'checkbox', name }),
    label,
  );

const distinct = (values) => [...new Set(values)];

const hasVerdict = (tested, verdict) =>
  data.reports.some((_, report) => {
    const found = verdictsOf(tested, report);
    return found?.data === verdict || found?.teardown === verdict;
  });

/** Fills the form, and hides cases that do not match whenever it changes. */
export function filters({ rows, groups, table }) {
  const form = byId('filters');
  form.append(
    el(
      'label',
      { class: 'wide' },
      'Text',
      el('input', {
        type: 'search',
        name: 'text',
        placeholder: 'id, title or clause',
        autocomplete: 'off',
      }),
    ),
    select('verdict', 'Verdict', verdicts),
    select('level', 'Level', distinct(data.cases.map(({ level }) => level))),
    select(
      'family',
      'Family',
      distinct(data.cases.map(({ family }) => family)),
    ),
    checkbox('failing', 'Only failures'),
    ...(data.reports.length > 1
      ? [checkbox('differing', 'Only differences')]
      : []),
    el('button', { type: 'reset' }, 'Reset'),
  );
  const texts = new Map(rows.map(({ tested }) => [tested, textOf(tested)]));
  const apply = () => {
    const given = new FormData(form);
    const words = form.elements.text.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const one of rows) {
      const { tested, row, failing } = one;
      const { verdict, level, family } = Object.fromEntries(given);
      const fits =
        words.every((word) => texts.get(tested).includes(word)) &&
        (verdict === '' || hasVerdict(tested, verdict)) &&
        (level === '' || tested.level === level) &&
        (family === '' || tested.family === family) &&
        (!given.has('failing') || failing) &&
        (!given.has('differing') || tested.differs);
      one.hidden = !fits;
      if (row) row.hidden = !fits;
      if (fits) shown += 1;
    }
    const isFiltered = shown < rows.length;
    for (const { body, own, setFolded } of groups) {
      body.hidden = own.every(({ hidden }) => hidden);
      if (isFiltered && !body.hidden) setFolded(false);
    }
    byId('count').textContent = `${shown} of ${rows.length} cases`;
    keepOneStop(table);
  };
  form.addEventListener('input', apply);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(apply));
  apply();
}

function textOf({ name, title, clause }) {
  const { source, section, sentence } = data.clauses[clause];
  return [name, title, source, section, sentence].join(' ').toLowerCase();
}

const isShown = (pair) =>
  !pair.closest('tr').hidden &&
  !pair.closest('tbody').hidden &&
  !pair.closest('tbody.folded');

/** The tab key finds a pair that is shown. */
function keepOneStop(table) {
  const pairs = [...table.querySelectorAll('button.pair')];
  const stop = pairs.find((pair) => pair.tabIndex === 0);
  if (stop && isShown(stop)) return;
  if (stop) stop.tabIndex = -1;
  const first = pairs.find(isShown);
  if (first) first.tabIndex = 0;
}
