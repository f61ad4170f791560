import { cut, describeGiven, describeResult, milliseconds } from './format.js';
import { svg } from './dom.js';

const TIME = 84;
const LANE = 380;
const BOX = 300;
const LINE = 17;
const GAP = 14;
/** Characters that fit into a box, and into the frame of a finding. */
const IN_BOX = 38;
/** Lines of a box for a call's arguments, and for its result. */
const LINES = 3;

const roles = ['client', 'server', 'peer'];

/** The events of a run: one row for each step and each indication. */
export function rowsOf(tested, run, clauses) {
  const begun = new Map();
  const rows = [];
  for (const [at, kind, ...rest] of run.events) {
    if (kind === 'indication') {
      const [agent, socket, event, error] = rest;
      const outcome = error === null ? '' : error;
      rows.push({ at, kind, agent, what: `${event} at ${socket}`, outcome });
      continue;
    }
    const [number, came] = rest;
    if (kind === 'step') begun.set(number, at);
    else {
      rows.push(stepRow(tested, number, { at, kind, came, begun }));
      begun.delete(number);
    }
  }
  for (const [number, at] of begun) {
    rows.push(stepRow(tested, number, { at, kind: 'open', begun }));
  }
  for (const finding of run.findings ?? []) {
    const row = rows.find(({ id }) => id === finding.step);
    const whole = { ...finding, clause: clauses[finding.clause] };
    if (row) row.findings.push(whole);
    else rows.push(loneFinding(whole, run));
  }
  return rows;
}

function stepRow(tested, number, { at, kind, came, begun }) {
  const step = tested.steps[number] ?? {
    id: '?',
    agent: 'client',
    call: 'a step that the scenario has not',
  };
  const outcomes = {
    result: () => describeResult(came),
    open: () => 'no answer before the run ended',
  };
  const outcome = outcomes[kind]?.() ?? `${kind}: ${came}`;
  return {
    at,
    from: begun.get(number) ?? at,
    kind: 'step',
    agent: step.agent,
    number,
    id: step.id,
    what: step.call,
    given: describeGiven(step.with),
    outcome,
    after: step.after ?? [],
    phase: step.phase,
    note: step.note,
    findings: [],
  };
}

/** A finding without a step: an indication that came too often, or never. */
function loneFinding(finding, run) {
  return {
    at: run.ms,
    kind: 'count',
    agent: finding.agent,
    what: finding.step,
    outcome: finding.got,
    findings: [finding],
  };
}

/** A text in lines of at most so many characters. */
function wrap(text, most) {
  const lines = [''];
  for (const word of text.split(/\s+/).flatMap((one) => pieces(one, most))) {
    const line = lines.at(-1);
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length > most) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

const pieces = (word, most) =>
  word.match(new RegExp(`.{1,${most}}`, 'gu')) ?? [''];

/** Some lines of a box. */
const told = (kind, text) =>
  wrap(text, IN_BOX)
    .slice(0, LINES)
    .map((line) => ({ kind, line }));

function linesOf(row) {
  if (row.kind === 'indication') return [];
  return [
    ...(row.given ? told('given', row.given) : []),
    ...(row.outcome === '' ? [] : told('outcome', `→ ${row.outcome}`)),
  ];
}

function findingLines(finding, most) {
  const { verdict, clause, checks, expected, got, why } = finding;
  const labelled = (label, text) =>
    wrap(text, most - 10).map((line, index) => ({
      label: index === 0 ? label : '',
      line,
    }));
  return [
    ...labelled(
      checks ? 'checks' : 'clause',
      `${clause.source}, ${clause.section}`,
    ),
    ...labelled('', `“${clause.sentence}”`),
    ...labelled('expected', expected),
    ...labelled('actual', got),
    ...(why === undefined ? [] : labelled('known', why)),
  ].map((one, index) => ({ ...one, verdict: index === 0 ? verdict : '' }));
}

/**
 * The drawing of a run: each side's actions and observations, downwards in
 * time.
 */
export function diagram(tested, run, rows, title) {
  const lanes = roles.filter((role) =>
    rows.some(({ agent }) => agent === role),
  );
  const width = TIME + lanes.length * LANE;
  const middle = (role) => TIME + lanes.indexOf(role) * LANE + LANE / 2;
  const most = Math.floor((width - TIME - 40) / 7.3);
  const placed = new Map();
  const boxes = [];
  const frames = [];
  let y = 52;
  let teardown;

  for (const row of rows) {
    if (teardown === undefined && row.phase === 'teardown') {
      teardown = y;
      y += 22;
    }
    const lines = linesOf(row);
    const height = row.kind === 'indication' ? 22 : 24 + lines.length * LINE;
    const x = middle(row.agent);
    if (row.number !== undefined) placed.set(row.number, { x, y, height, row });
    boxes.push(time(row, y), boxOf(row, lines, x, y, height));
    y += height;
    for (const finding of row.findings ?? []) {
      const framed = findingLines(finding, most);
      const tall = framed.length * LINE + 14;
      frames.push(frameOf(finding, framed, { x, y: y + 6, width, tall }));
      y += tall + 6;
    }
    y += GAP;
  }

  return svg(
    'svg',
    {
      class: 'diagram',
      viewBox: `0 0 ${width} ${y}`,
      width,
      height: y,
      role: 'img',
      'aria-label': title,
    },
    svg('defs', {}, arrowHead()),
    ...lanes.map((role) => lifeline(role, middle(role), y)),
    ...(teardown === undefined ? [] : [phaseLine(teardown, width)]),
    ...arrows(placed),
    ...boxes,
    ...frames,
  );
}

const arrowHead = () =>
  svg(
    'marker',
    {
      id: 'head',
      viewBox: '0 0 8 8',
      refX: 7,
      refY: 4,
      markerWidth: 8,
      markerHeight: 8,
      orient: 'auto',
    },
    svg('path', { d: 'M0 0 L8 4 L0 8 z', class: 'head' }),
  );

function lifeline(role, x, bottom) {
  return svg(
    'g',
    {},
    svg('line', { class: 'life', x1: x, x2: x, y1: 34, y2: bottom }),
    svg('rect', {
      class: 'role',
      x: x - 60,
      y: 6,
      width: 120,
      height: 28,
      rx: 14,
    }),
    svg(
      'text',
      { class: 'role-name', x, y: 25, 'text-anchor': 'middle' },
      role,
    ),
  );
}

function phaseLine(y, width) {
  return svg(
    'g',
    {},
    svg('line', { class: 'phase', x1: TIME, x2: width, y1: y + 4, y2: y + 4 }),
    svg('text', { class: 'phase-name', x: 4, y: y + 8 }, 'teardown'),
  );
}

const time = ({ at }, y) =>
  svg(
    'text',
    { class: 'time', x: TIME - 12, y: y + 16, 'text-anchor': 'end' },
    milliseconds(at),
  );

function boxOf(row, lines, x, y, height) {
  const broken = (row.findings ?? []).length > 0;
  if (row.kind === 'indication') {
    const text = row.outcome === '' ? row.what : `${row.what}: ${row.outcome}`;
    return svg(
      'g',
      { class: 'indication' },
      svg('rect', { x: x - BOX / 2 + 30, y, width: BOX - 60, height, rx: 11 }),
      svg(
        'text',
        { x, y: y + 15, 'text-anchor': 'middle' },
        cut(`◆ ${text}`, IN_BOX - 6),
      ),
    );
  }
  const left = x - BOX / 2;
  const head = row.id === undefined ? '' : row.id;
  const full = [head, row.what, row.given, row.outcome, row.note]
    .filter(Boolean)
    .join('\n');
  return svg(
    'g',
    { class: broken ? 'step broken' : 'step' },
    svg('title', {}, full),
    svg('rect', { x: left, y, width: BOX, height, rx: 6 }),
    svg(
      'text',
      { x: left + 10, y: y + 16 },
      svg('tspan', { class: 'id' }, broken ? `✗ ${head}` : head),
      svg(
        'tspan',
        { class: 'call', dx: head === '' ? 0 : 8 },
        head === row.what ? '' : cut(row.what, IN_BOX - 2 - head.length),
      ),
    ),
    ...lines.map(({ kind, line }, index) =>
      svg(
        'text',
        {
          class: kind,
          x: left + 10,
          y: y + 16 + (index + 1) * LINE,
        },
        line,
      ),
    ),
  );
}

function frameOf({ verdict }, framed, { x, y, width, tall }) {
  return svg(
    'g',
    { class: verdict === 'FAILED' ? 'finding failed' : 'finding' },
    svg('path', { d: `M${x - 7} ${y} l7 -7 l7 7 z` }),
    svg('rect', { x: TIME, y, width: width - TIME - 10, height: tall, rx: 6 }),
    ...framed.flatMap(({ label, line }, index) => {
      const at = y + 18 + index * LINE;
      return [
        svg('text', { class: 'label', x: TIME + 12, y: at }, label),
        svg('text', { x: TIME + 90, y: at }, line),
      ];
    }),
  );
}

/** From each step to those of other agents that come after it. */
function arrows(placed) {
  return [...placed.values()].flatMap(({ x, y, row }) =>
    row.after.flatMap((number) => {
      const before = placed.get(number);
      if (!before || before.row.agent === row.agent || before.y > y) return [];
      const side = x > before.x ? 1 : -1;
      const x1 = before.x + (side * BOX) / 2;
      const x2 = x - (side * BOX) / 2;
      const y1 = before.y + before.height - 8;
      const bend = (x2 - x1) / 2;
      const d = `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y + 12} ${x2} ${y + 12}`;
      return [svg('path', { class: 'arrow', d, 'marker-end': 'url(#head)' })];
    }),
  );
}
