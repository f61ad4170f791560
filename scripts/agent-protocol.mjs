// Writes the files that follow from conformance/protocol/agent-protocol.schema.json:
// the tables of docs/agent-protocol.md, each after a comment that names it, and the
// types of conformance/protocol/messages.ts. With --check it writes nothing, and
// fails if either is stale.
//
//   npm run conformance:protocol [-- --check]

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';

const at = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url));
const read = (file) => readFileSync(at(file), 'utf8');

const { $defs } = JSON.parse(
  read('conformance/protocol/agent-protocol.schema.json'),
);
const { agent, runner, calls, parameters, ...values } = $defs;
const messages = { ...agent, ...runner };

/** A reference's last name, and the schema that it refers to. */
function target({ $ref }) {
  const path = $ref.split('/').slice(2);
  return [path.at(-1), path.reduce((schema, name) => schema[name], $defs)];
}

/** The alternatives of a schema: one for each type, reference or value. */
function alternatives(schema) {
  if (schema.anyOf) return schema.anyOf.flatMap((one) => alternatives(one));
  if (schema.enum) return schema.enum.map((value) => ({ const: value }));
  if (schema.$ref) return [schema];
  return [schema.type].flat().map((one) => ({ type: one }));
}

const code = (text) => `\`${text}\``;

// The tables of the page.

const words = { integer: 'number', array: 'list', string: 'text' };

/** The name of a type, in the words of the page's table of values. */
function typeWords(schema) {
  if (schema.$ref) {
    const [name, found] = target(schema);
    return found.description ? name : typeWords(found);
  }
  if ('const' in schema) return code(schema.const);
  if (schema.items) return `list of ${plural(typeWords(schema.items))}`;
  const all = alternatives(schema);
  if (all.length === 1) return words[all[0].type] ?? all[0].type;
  const named = all.map((one) => typeWords(one));
  return `${named.slice(0, -1).join(', ')} or ${named.at(-1)}`;
}

const plural = (word) => (/^(octets|data)$/.test(word) ? word : `${word}s`);

const memberRows = ({ required, properties }) =>
  Object.entries(properties)
    .filter(([name]) => name !== 'type')
    .map(([name, schema]) => [
      code(name),
      `${typeWords(schema)}${required.includes(name) ? '' : '?'}`,
      schema.description ?? '',
    ]);

const callRows = Object.entries(calls).map(([call, schema]) => [
  code(call),
  Object.keys(schema.properties)
    .map((name) => code(name) + (schema.required.includes(name) ? '' : '?'))
    .join(', '),
  (schema['x-result'] ?? []).map((name) => code(name)).join(', '),
  schema.description,
]);

const tables = {
  values: [
    ['type', 'value'],
    ...Object.entries(values)
      .filter(([, { description }]) => description)
      .map(([name, { description }]) => [name, description]),
  ],
  calls: [['call', 'parameters', 'result', 'does'], ...callRows],
  parameters: [
    ['parameter', 'type', ''],
    ...memberRows({
      required: Object.keys(parameters),
      properties: parameters,
    }),
  ],
};
for (const [type, schema] of Object.entries(messages)) {
  tables[type] = [['member', 'type', ''], ...memberRows(schema)];
}

function asTable([head, ...rows]) {
  const rule = head.map(() => '-');
  return [head, rule, ...rows]
    .map((row) => `| ${row.join(' | ')} |\n`)
    .join('');
}

const page = read('docs/agent-protocol.md').replaceAll(
  /^<!-- table: (\w+) -->\n\n(?:\|.*\n)*/gm,
  (_, name) => `<!-- table: ${name} -->\n\n${asTable(tables[name])}`,
);

// The types.

const types = { address: 'WireAddress', protocol: 'DeclaredProtocol' };
const typeName = (type) =>
  type === 'hello'
    ? 'Hello'
    : `${type[0].toUpperCase()}${type.slice(1)}Message`;

function asType(schema) {
  if (schema.$ref) {
    const [name, found] = target(schema);
    return types[name] ?? asType(found);
  }
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.items) return `(${asType(schema.items)})[]`;
  const all = alternatives(schema);
  if (all.length > 1) return all.map((one) => asType(one)).join(' | ');
  const [{ type }] = all;
  if (type === 'object') return 'Record<string, unknown>';
  return type === 'integer' ? 'number' : type;
}

/** A docstring, with each link replaced by its text. */
function comment(text) {
  if (!text) return '';
  const plain = text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  return `/** ${plain[0].toUpperCase()}${plain.slice(1)}. */\n`;
}

const asInterface = (name, { required, properties }) =>
  `export interface ${name} {\n${Object.entries(properties)
    .map(
      ([member, schema]) =>
        comment(schema.description) +
        `${member}${required.includes(member) ? '' : '?'}: ${asType(schema)};\n`,
    )
    .join('')}}\n`;

const union = (name, described) =>
  `export type ${name} = ${Object.keys(described).map(typeName).join(' | ')};\n`;

const { protocol, version } = agent.hello.properties;
const source = [
  '// Made from agent-protocol.schema.json by `npm run conformance:protocol`.\n',
  `export const PROTOCOL = ${JSON.stringify(protocol.const)};\n` +
    `export const PROTOCOL_VERSION = ${version.const};\n`,
  `/** Characters of a text. */\nexport const NAME_LIMIT = ${values.text.maxLength};\n`,
  ...Object.entries(types).map(([name, type]) =>
    asInterface(type, values[name]),
  ),
  ...Object.entries(messages).map(([type, schema]) =>
    asInterface(typeName(type), schema),
  ),
  "/** The result of a call. */\nexport type StepResult = Omit<ResultMessage, 'type' | 'seq'>;\n",
  union('AgentMessage', agent),
  union('RunnerMessage', runner),
].join('\n');

for (const [file, text] of [
  ['docs/agent-protocol.md', page],
  ['conformance/protocol/messages.ts', source],
]) {
  const options = await prettier.resolveConfig(at(file));
  const made = await prettier.format(text, { ...options, filepath: file });
  if (!process.argv.includes('--check')) {
    writeFileSync(at(file), made);
  } else if (read(file) !== made) {
    process.exitCode = 1;
    process.stderr.write(`${file} is stale: npm run conformance:protocol\n`);
  }
}
