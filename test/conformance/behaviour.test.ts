import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import t from 'tap';
import {
  childAgent,
  inProcessAgent,
  runSuite,
  type AgentSource,
} from '../../conformance/index.js';
import {
  behaviourScenarios,
  loadBehaviour,
  subjects,
} from '../../conformance/scenario/behaviour.js';
import type { Family } from '../../conformance/scenario/types.js';
import { PATIENCE } from '../support/patience.js';
import { isWindows } from '../support/platform.js';
import { findPython } from '../support/programs.js';

// The behaviour vectors: a raw peer plays them against this library, on the
// transport that serves here, and against the agent in Python.

const root = path.resolve(import.meta.dirname, '../../..');
const read = (...parts: string[]): string =>
  readFileSync(path.join(root, ...parts), 'utf8');

t.test('every file follows the schema', (t) => {
  const validate = new Ajv({ strict: false, allErrors: true }).compile(
    JSON.parse(read('conformance/vectors/behaviour.schema.json')) as object,
  );
  const sections = new Set(
    [...read('docs/wire-format.md').matchAll(/^#{2,3} (\d+(?:\.\d+)?)/gm)].map(
      ([, number]) => number,
    ),
  );
  const ids = new Set<string>();
  for (const subject of subjects) {
    const file = loadBehaviour(subject);
    t.ok(validate(file), subject, { errors: validate.errors });
    t.equal(file.subject, subject);
    for (const { id, section } of file.cases) {
      t.notOk(ids.has(id), id);
      ids.add(id);
      t.ok(sections.has(section), `${id}: §${section}`);
    }
  }
  t.end();
});

// A named pipe of Windows ends in both directions at once: a peer that ends cannot
// receive the answer.
const families: Family[] = isWindows ? ['IPv4'] : ['IPv4', 'unix'];

const scenarios = behaviourScenarios();
const python = findPython();
const agents: [string, false | string, () => AgentSource][] = [
  ['this library', false, inProcessAgent],
  [
    'the agent in Python',
    python === undefined && 'there is no Python 3.9 or later',
    () =>
      childAgent([
        python!,
        path.join(root, 'conformance/agents/python/agent.py'),
      ]),
  ],
];

for (const [name, skip, agentOf] of agents) {
  t.test(name, { skip }, async (t) => {
    const { runs } = await runSuite({
      scenarios,
      families,
      client: agentOf(),
      server: agentOf(),
      jobs: 6,
      timeout: PATIENCE,
    });
    t.ok(runs.length >= families.length * 60);
    for (const { id, family, verdict, findings, warnings } of runs) {
      const lacking = verdict === 'UNIMPLEMENTED' && name !== 'this library';
      t.ok(verdict === 'OK' || lacking, `${id} (${family})`, {
        findings,
        warnings,
      });
    }
  });
}
