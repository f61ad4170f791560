import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { parametersOf } from '../../conformance/agent/call-table.js';
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
import { packageFile } from '../../conformance/package-file.js';
import { describeOctets, octetsOf } from '../../conformance/scenario/data.js';
import { casesOf } from '../../conformance/scenario/expand.js';
import {
  linearExtensions,
  orderNames,
  predecessors,
} from '../../conformance/scenario/order.js';
import { representativesOf } from '../../conformance/scenario/representatives.js';
import { validate } from '../../conformance/schema.js';

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
  t.equal(files.length, loadScenarios(scenarioFolder).length);
  for (const file of files) {
    const path = `${scenarioFolder}/${file}`;
    t.ok(valid(JSON.parse(readFileSync(path, 'utf8'))), file);
  }
  t.end();
});

await t.test('openings', (t) => {
  const file = packageFile('conformance', 'openings.json');
  const openings = JSON.parse(readFileSync(file, 'utf8')) as Record<
    string,
    unknown[]
  >;
  const { properties } = scenarioSchema() as {
    properties: { given: { enum: string[] } };
  };
  t.strictSame(properties.given.enum, Object.keys(openings));
  const matrix = { vector: ['eight-steps-caller'] };
  for (const [given, steps] of Object.entries(openings)) {
    t.ok(valid({ ...small, steps }), given);
    const own = { id: 'own', agent: 'client', call: 'gone' };
    const parsed = parseScenario(
      JSON.stringify({ ...small, matrix, given, steps: [own] }),
      'a file',
    );
    t.strictSame(parsed.steps, [...steps, own], given);
    t.notOk('given' in parsed);
  }
  const unknown = JSON.stringify({ ...small, given: 'acquainted' });
  t.throws(() => parseScenario(unknown, 'a file'), /\/given is "acquainted"/);
  const twice = JSON.stringify({ ...small, given: 'connected' });
  t.throws(() => parseScenario(twice, 'a file'), /the id "listen" twice/);
  t.end();
});

await t.test('scenarios use calls and members that agents know', (t) => {
  for (const { id, steps } of scenarios) {
    for (const { call, with: given = {} } of steps) {
      const takes = parametersOf(call);
      const unknown = Object.keys(given).filter(
        (name) => !takes.includes(name),
      );
      t.strictSame(unknown, [], `${id} ${call}`);
    }
  }
  t.end();
});

await t.test('invalid scenarios are refused, as ajv does', (t) => {
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
      'invalid data',
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

await t.test('rules that a schema cannot state', (t) => {
  const step = small.steps[0]!;
  const cases: [string, Partial<Scenario>, RegExp][] = [
    ['an id twice', { steps: [step, step] }, /the id "listen" twice/],
    [
      'an unknown step',
      { steps: [{ ...step, after: ['x'] }] },
      /comes after "x", which does not exist/,
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
  t.throws(
    () => parseScenario('{', 'some.json'),
    /some\.json is not a valid scenario/,
  );
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

/** The steps of each case of a small scenario, for some changes of it. */
function expanded(change: Partial<Scenario>): Record<string, Step[]> {
  const text = JSON.stringify({ ...small, ...change });
  return Object.fromEntries(
    casesOf(parseScenario(text, 'file')).map(({ name, steps }) => [
      name.replace(/^a\/b/, ''),
      steps,
    ]),
  );
}

const sending = (data: unknown, more: Partial<Step> = {}): Step => ({
  id: 'send',
  agent: 'peer',
  call: 'plain.send',
  with: { socket: 'p', data },
  ...more,
});

await t.test('values that are worked out of a case', (t) => {
  const preface = 'f647425945010101';
  const cases: [string, unknown, unknown][] = [
    ['none', { payload: 'none' }, undefined],
    ['a limit', { payload: 'limit' }, { octets: 'all', length: 4096 }],
    ['a vector', { vector: 'preface-caller' }, { hex: preface }],
    [
      'a cut vector',
      { vector: 'preface-caller', until: { parameter: 'n' } },
      { hex: preface.slice(0, 6) },
    ],
    [
      'data after its handshake',
      { vector: 'frames-disconnect', part: 'rest', until: 31 },
      { hex: '04000001' },
    ],
    [
      'its stream',
      { vector: 'frames-data-not-waited-for', part: 'stream' },
      { hex: '616263' },
    ],
    [
      'a frame',
      { frame: 'DISCONNECT', of: { join: [{ hex: '01' }, { hex: '02' }] } },
      { hex: '050000020102' },
    ],
    ['numbers', { u32: [1, 4294967295] }, { hex: '00000001ffffffff' }],
    [
      'a limit of a vector',
      { limitOf: 'limits-no-user-data', limit: 'userData' },
      0,
    ],
    ['an error', { errorOf: 'plain-bad-role' }, 'bad-role'],
    ['a choice', { choose: 'n', of: { 3: 'three' }, else: 'more' }, 'three'],
    [
      'another choice',
      { choose: 'n', of: { 4: 'four' }, else: 'more' },
      'more',
    ],
    ['text', { text: ['n is ', { parameter: 'n' }] }, 'n is 3'],
    ['itself', { utf8: 'x' }, { utf8: 'x' }],
  ];
  for (const [name, written, meant] of cases) {
    const { '[n=3]': steps } = expanded({
      matrix: { n: [3] },
      steps: [sending(written)],
    });
    t.strictSame(steps?.[0]?.with?.['data'], meant, name);
  }
  const senseless: [string, unknown, RegExp][] = [
    ['no payload', { payload: 'huge' }, /unknown payload "huge"/],
    ['no vector', { vector: 'none' }, /no vector "none"/],
    ['no choice', { choose: 'n', of: {} }, /no choice for n=3/],
    ['nothing to join', { join: [{ utf8: 'x' }] }, /no octets that are known/],
  ];
  for (const [name, written, problem] of senseless) {
    t.throws(
      () => expanded({ matrix: { n: [3] }, steps: [sending(written)] }),
      problem,
      name,
    );
  }
  t.end();
});

await t.test('a matrix of vectors, of cuts, and with exceptions', (t) => {
  t.strictSame(
    Object.keys(
      expanded({
        matrix: {
          v: {
            vectors: {
              kind: 'direction',
              from: 'callee',
              mode: 'stream',
              stage: 'preface',
              errors: 'any',
            },
          },
        },
      }),
    ),
    [
      '[v=plain-callee]',
      '[v=preface-bad-magic-banner]',
      '[v=preface-bad-role-echo]',
      '[v=preface-proxy-from-callee]',
    ],
  );
  t.throws(
    () =>
      expanded({
        matrix: { v: { vectors: { kind: 'versions', frame: 'DATA' } } },
      }),
    /no vector fits/,
  );
  t.strictSame(
    Object.keys(
      expanded({ matrix: { n: { cuts: 'preface-caller', above: 4 } } }),
    ),
    ['[n=5]', '[n=6]', '[n=7]'],
  );
  t.strictSame(
    Object.keys(
      expanded({
        matrix: { socketType: ['stream', 'message'], n: [1, 2] },
        except: [{ socketType: ['message'], n: [2] }],
      }),
    ),
    [
      '[socketType=stream,n=1]',
      '[socketType=stream,n=2]',
      '[socketType=message,n=1]',
    ],
  );
  t.throws(() => expanded({ except: [{ m: [1] }] }), /no parameter "m"/);
  t.end();
});

await t.test('steps of some cases only, and in sequence', (t) => {
  const steps = [
    ...small.steps,
    sending({ hex: '00' }, { only: { n: [2] } }),
    sending({ hex: '01' }, { id: 'last', after: ['send', 'listen'] }),
  ];
  const loose = expanded({ matrix: { n: [1, 2] }, steps });
  t.strictSame(
    Object.values(loose).map((own) => own.map(({ id, after }) => [id, after])),
    [
      [
        ['listen', undefined],
        ['last', ['listen']],
      ],
      [
        ['listen', undefined],
        ['send', undefined],
        ['last', ['send', 'listen']],
      ],
    ],
  );
  const strict = expanded({ matrix: { n: [1] }, steps, sequential: true });
  t.strictSame(strict['[n=1]']?.[1]?.needs, ['listen']);
  t.equal(
    linearExtensions(predecessors(strict['[n=1]']!, 'free')).orders.length,
    1,
  );
  t.end();
});

await t.test('clauses by their ids', (t) => {
  const file = {
    ...small,
    clause: 'contract/8',
    clauses: ['trap/16'],
    steps: [{ ...small.steps[0], clause: 'trap/1', clauses: ['trap/2'] }],
  };
  const scenario = parseScenario(JSON.stringify(file), 'file');
  t.equal(scenario.clause.section, 'row 8');
  t.equal(
    scenario.steps[0]?.clause?.section,
    '1, Send after WSASendDisconnect',
  );
  t.strictSame(scenario.clauses?.toSorted(), [
    'contract/8',
    'trap/1',
    'trap/16',
    'trap/2',
  ]);
  const unknown = JSON.stringify({ ...small, clause: 'trap/99' });
  t.throws(() => parseScenario(unknown, 'f'), /no clause "trap\/99"/);
  t.end();
});

await t.test('representatives have every value, or some of many', (t) => {
  const stand = (change: Partial<Scenario>): string[] =>
    representativesOf({ ...small, ...change }).map(({ name }) => name);
  t.strictSame(stand({ families: ['unix'] }), ['a/b']);
  t.strictSame(stand({ matrix: { a: [1, 2], b: ['x', 'y'] } }), [
    'a/b[a=1,b=x]',
    'a/b[a=1,b=y]',
    'a/b[a=2,b=x]',
  ]);
  t.strictSame(stand({ matrix: { n: { cuts: 'eight-steps-caller' } } }), [
    'a/b[n=1]',
    'a/b[n=38]',
    'a/b[n=74]',
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
