import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { callTable } from '../../conformance/agent/call-table.js';
import {
  loadScenarios,
  matchesGlob,
  parseScenario,
  scenarioFolder,
  ScenarioError,
  scenarioSchema,
  type Scenario,
  type Step,
} from '../../conformance/index.js';
import { describeOctets, octetsOf } from '../../conformance/scenario/data.js';
import { casesOf } from '../../conformance/scenario/expand.js';
import {
  linearExtensions,
  orderNames,
  predecessors,
} from '../../conformance/scenario/order.js';
import { validate } from '../../conformance/scenario/schema.js';

const ajv = new Ajv2020({ allowUnionTypes: true });
const valid = ajv.compile(scenarioSchema());
const scenarios = loadScenarios();

const small: Scenario = {
  id: 'a/b',
  title: 'A title',
  clause: { source: 'a source', section: 'a section', sentence: 'a sentence' },
  level: 'MUST',
  requires: [],
  steps: [{ id: 'listen', agent: 'server', call: 'listen' }],
};

await t.test('every scenario file is valid, for ajv too', (t) => {
  const files = readdirSync(scenarioFolder, {
    recursive: true,
    encoding: 'utf8',
  }).filter((file) => file.endsWith('.json'));
  t.equal(files.length, scenarios.length);
  for (const file of files) {
    const path = `${scenarioFolder}/${file}`;
    t.ok(valid(JSON.parse(readFileSync(path, 'utf8'))), file);
  }
  t.end();
});

await t.test('scenarios use calls and members that agents know', (t) => {
  for (const { id, steps } of scenarios) {
    for (const { call, with: given = {} } of steps) {
      const takes = callTable[call]?.takes ?? [];
      const unknown = Object.keys(given).filter(
        (name) => !takes.includes(name),
      );
      t.strictSame(unknown, [], `${id} ${call}`);
    }
  }
  t.end();
});

await t.test('what is no scenario is refused, as ajv does', (t) => {
  const step = small.steps[0];
  const cases: [string, unknown, string][] = [
    ['no object', [], 'the file is array, but has to be object'],
    ['no id', { ...small, id: undefined }, 'the file lacks "id"'],
    ['a bad id', { ...small, id: 'A' }, '/id does not match'],
    ['a bad level', { ...small, level: 'WILL' }, '/level is "WILL"'],
    ['an unknown member', { ...small, more: 1 }, 'has "more"'],
    ['no steps', { ...small, steps: [] }, '/steps has fewer than 1'],
    ['twice', { ...small, families: ['IPv4', 'IPv4'] }, 'has an item twice'],
    ['an empty title', { ...small, title: '' }, '/title is empty'],
    ['an empty matrix', { ...small, matrix: {} }, '/matrix has too few'],
    [
      'a step without an agent',
      { ...small, steps: [{ id: 'x', call: 'listen' }] },
      '/steps/0 lacks "agent"',
    ],
    [
      'data that is none',
      { ...small, steps: [{ ...step, expect: { data: { hex: 'f' } } }] },
      '/steps/0/expect/data/hex does not match',
    ],
    [
      'a count below zero',
      { ...small, steps: [{ ...step, expect: { needed: -1 } }] },
      '/steps/0/expect/needed is below 0',
    ],
  ];
  for (const [name, value, problem] of cases) {
    const plain: unknown = JSON.parse(JSON.stringify(value));
    t.notOk(valid(plain), `${name}: ajv`);
    t.match(validate(plain, scenarioSchema()).join('\n'), problem, name);
  }
  t.ok(valid(small));
  t.strictSame(validate(small, scenarioSchema()), []);
  t.end();
});

await t.test('a keyword that the validator lacks is never passed over', (t) => {
  t.throws(() => validate(1, { multipleOf: 2 }), /"multipleOf"/);
  t.throws(() => validate(1, { $ref: '#/$defs/none' }), /has no #/);
  t.strictSame(validate(3, { maximum: 2 }), ['the file is above 2']);
  t.strictSame(validate(1, { oneOf: [{ type: 'number' }, { const: 1 }] }), [
    'the file fits more than one of the alternatives',
  ]);
  t.strictSame(validate({ b: 1 }, { propertyNames: { const: 'a' } }), [
    '/b is "b", but has to be "a"',
  ]);
  t.end();
});

await t.test('what a schema cannot say', (t) => {
  const step = small.steps[0]!;
  const cases: [string, Partial<Scenario>, RegExp][] = [
    ['an id twice', { steps: [step, step] }, /the id "listen" twice/],
    [
      'an unknown step',
      { steps: [{ ...step, after: ['x'] }] },
      /comes after "x", which there is not/,
    ],
    [
      'a circle',
      {
        steps: [
          { ...step, id: 'a', after: ['b'] },
          { ...step, id: 'b', agent: 'client', after: ['a'] },
        ],
      },
      /wait for each other in a circle/,
    ],
    [
      'an unknown parameter',
      { steps: [{ ...step, with: { socket: { parameter: 'x' } } }] },
      /no parameter "x"/,
    ],
  ];
  for (const [name, change, problem] of cases) {
    const text = JSON.stringify({ ...small, ...change });
    t.throws(() => parseScenario(text, 'file'), problem, name);
  }
  t.throws(() => parseScenario('{', 'some.json'), /some\.json is no scenario/);
  t.throws(() => parseScenario('[]', 'f'), ScenarioError);
  const folder = t.testdir({ 'b.json': JSON.stringify(small) });
  t.throws(() => loadScenarios(folder), /\/id has to be "b"/);
  t.end();
});

const step = (id: string, agent: Step['agent'], after?: string[]): Step => ({
  id,
  agent,
  call: 'x',
  ...(after && { after }),
});

await t.test('5a floats against 6, 7 and 8', (t) => {
  const steps = [
    step('5', 'server'),
    step('5a', 'server'),
    step('6', 'client', ['5']),
    step('7', 'client'),
    step('8', 'client'),
  ];
  const { orders, complete } = linearExtensions(predecessors(steps));
  t.ok(complete);
  t.strictSame(orderNames(steps, orders), [
    '5a 6 7 8',
    '6 5a 7 8',
    '6 7 5a 8',
    '6 7 8 5a',
  ]);
  const free = linearExtensions(predecessors(steps, 'free'));
  t.equal(free.orders.length, 10, 'without the edge between the agents');
  t.end();
});

await t.test('above the bound orders are drawn, the same for a seed', (t) => {
  const steps = ['a', 'b', 'c', 'd', 'e'].map((lane) => ({
    ...step(lane, 'client'),
    lane,
  }));
  const before = predecessors(steps);
  t.equal(linearExtensions(before, 120).orders.length, 120);
  const drawn = linearExtensions(before, 10, 7);
  t.notOk(drawn.complete);
  t.equal(new Set(drawn.orders.map(String)).size, 10);
  t.strictSame(linearExtensions(before, 10, 7), drawn);
  t.notSame(linearExtensions(before, 10, 8), drawn);
  t.end();
});

await t.test('a matrix, on the families that are wanted', (t) => {
  const scenario: Scenario = {
    ...small,
    matrix: { size: [1, 2], way: ['x'] },
    families: ['IPv4', 'unix'],
    steps: [{ ...small.steps[0]!, with: { socket: { parameter: 'size' } } }],
  };
  const named = (families?: Parameters<typeof casesOf>[1]) =>
    casesOf(scenario, families).map(
      ({ name, family, steps }) =>
        `${name} ${family} ${String(steps[0]?.with?.['socket'])}`,
    );
  t.strictSame(named(), [
    'a/b[size=1,way=x] IPv4 1',
    'a/b[size=2,way=x] IPv4 2',
  ]);
  t.strictSame(named(['IPv6', 'unix']), [
    'a/b[size=1,way=x] unix 1',
    'a/b[size=2,way=x] unix 2',
  ]);
  t.end();
});

await t.test('data', (t) => {
  const stored = (name: string) =>
    name === 'x' ? Buffer.from('kept') : undefined;
  t.equal(octetsOf({ hex: '00ff' }).toString('hex'), '00ff');
  t.equal(octetsOf({ repeat: 'ab', length: 3 }).toString(), 'aba');
  t.equal(octetsOf({ octets: 'all', length: 257 })[256], 0);
  t.equal(octetsOf({ stored: 'x' }, stored).toString(), 'kept');
  t.throws(() => octetsOf({ stored: 'y' }, stored), /nothing is stored/);
  t.equal(describeOctets(null), 'no data');
  t.equal(describeOctets(Buffer.from('total')), '"total"');
  t.equal(describeOctets(Buffer.from([0x1b, 0x5b])), '0x1b5b');
  t.match(describeOctets(Buffer.alloc(99, 'a')), /…" \(99 octets\)$/);
  t.end();
});

await t.test('globs', (t) => {
  const cases: [string, string, boolean][] = [
    ['eight-steps/fd-close', 'eight-steps*', true],
    ['eight-steps/fd-close', '*', true],
    ['eight-steps/fd-close', '*/fd-*', true],
    ['eight-steps/fd-close', 'eight-steps', false],
    ['close/bare-fin', 'close.bare-fin', false],
  ];
  for (const [id, glob, fits] of cases) {
    t.equal(matchesGlob(id, glob), fits, `${id} ${glob}`);
  }
  t.end();
});
