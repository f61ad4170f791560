/** The part of JSON Schema (2020-12) that our schemas use, and no more. */
export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  minProperties?: number;
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  [annotation: string]: unknown;
}

const keywords: ReadonlySet<string> = new Set(
  (
    '$ref $defs $schema $id $comment title description examples default ' +
    'type const enum pattern minLength maxLength minimum maximum minItems ' +
    'maxItems uniqueItems items properties required minProperties ' +
    'additionalProperties propertyNames anyOf oneOf'
  ).split(' '),
);

/** Problems after which the rest of a list is not checked. */
const ENOUGH = 100;

/**
 * Lists every way in which a value breaks a schema, each with its place. A
 * valid value has an empty list. An unsupported keyword throws.
 *
 * @param root the schema that holds the `$defs`.
 */
export function validate(
  value: unknown,
  schema: Schema,
  root = schema,
): string[] {
  return check(value, schema, root, '');
}

function check(
  value: unknown,
  schema: Schema,
  root: Schema,
  at: string,
): string[] {
  checkKeywords(schema);
  if (schema.$ref !== undefined) {
    return check(value, lookUp(schema.$ref, root), root, at);
  }
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) {
    const all = alternatives.map((one) => check(value, one, root, at));
    const matching = all.filter((problems) => problems.length === 0).length;
    if (matching === 0) {
      // The alternative that matched deepest explains most.
      return all.toSorted((a, b) => depth(b) - depth(a))[0]!;
    }
    if (schema.oneOf && matching > 1) {
      return [`${place(at)} fits more than one of the alternatives`];
    }
  }
  return [
    ...checkType(value, schema, at),
    ...checkScalar(value, schema, at),
    ...checkArray(value, schema, root, at),
    ...checkObject(value, schema, root, at),
  ];
}

/** Schemas whose keywords have been checked: each serves for many values. */
const supported = new WeakSet<Schema>();

function checkKeywords(schema: Schema): void {
  if (supported.has(schema)) return;
  for (const keyword of Object.keys(schema)) {
    if (!keywords.has(keyword)) {
      throw new Error(`the schema uses "${keyword}", which is not supported`);
    }
  }
  supported.add(schema);
}

function lookUp(reference: string, root: Schema): Schema {
  const [base, ...path] = reference.split('/');
  const schema = path.reduce<unknown>(
    (found, name) => (found as Record<string, unknown> | undefined)?.[name],
    base === '#' ? root : undefined,
  );
  if (!schema) throw new Error(`the schema has no ${reference}`);
  return schema as Schema;
}

const depth = (problems: readonly string[]): number =>
  Math.max(...problems.map((problem) => problem.split('/').length));

const place = (at: string): string => (at === '' ? 'the file' : at);

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

function checkType(value: unknown, { type }: Schema, at: string): string[] {
  if (type === undefined) return [];
  const types = Array.isArray(type) ? type : [type];
  const fits = types.some((one) =>
    one === 'integer' ? Number.isInteger(value) : one === typeOf(value),
  );
  return fits
    ? []
    : [`${place(at)} is ${typeOf(value)}, but has to be ${types.join(' or ')}`];
}

const expressions = new Map<string, RegExp>();

function expression(pattern: string): RegExp {
  let found = expressions.get(pattern);
  if (!found) expressions.set(pattern, (found = new RegExp(pattern, 'u')));
  return found;
}

/** Whether it has more characters: a surrogate pair is one. */
const isLonger = (text: string, most: number): boolean =>
  text.length > most &&
  (text.length > 2 * most || Array.from(text).length > most);

function checkScalar(value: unknown, schema: Schema, at: string): string[] {
  const problems: string[] = [];
  const choices = 'const' in schema ? [schema.const] : schema.enum;
  if (choices && !choices.includes(value)) {
    problems.push(
      `${place(at)} is ${JSON.stringify(value)}, but has to be ` +
        choices.map((one) => JSON.stringify(one)).join(' or '),
    );
  }
  if (typeof value === 'string') {
    if (schema.pattern && !expression(schema.pattern).test(value)) {
      problems.push(`${place(at)} does not match ${schema.pattern}`);
    }
    if (value.length < (schema.minLength ?? 0)) {
      problems.push(`${place(at)} is empty or too short`);
    }
    if (isLonger(value, schema.maxLength ?? Number.POSITIVE_INFINITY)) {
      problems.push(`${place(at)} has over ${schema.maxLength} characters`);
    }
  }
  if (typeof value === 'number') {
    if (value < (schema.minimum ?? Number.NEGATIVE_INFINITY)) {
      problems.push(`${place(at)} is below ${schema.minimum}`);
    }
    if (value > (schema.maximum ?? Number.POSITIVE_INFINITY)) {
      problems.push(`${place(at)} is above ${schema.maximum}`);
    }
  }
  return problems;
}

function checkArray(
  value: unknown,
  schema: Schema,
  root: Schema,
  at: string,
): string[] {
  if (!Array.isArray(value)) return [];
  const problems: string[] = [];
  if (value.length < (schema.minItems ?? 0)) {
    problems.push(`${place(at)} has fewer than ${schema.minItems} items`);
  }
  if (schema.uniqueItems) {
    const distinct = new Set(value.map((item) => JSON.stringify(item)));
    if (distinct.size < value.length) {
      problems.push(`${place(at)} has an item twice`);
    }
  }
  if (value.length > (schema.maxItems ?? Number.POSITIVE_INFINITY)) {
    return [`${place(at)} has more than ${schema.maxItems} items`];
  }
  const { items } = schema;
  if (!items) return problems;
  for (const [index, item] of value.entries()) {
    problems.push(...check(item, items, root, `${at}/${index}`));
    if (problems.length >= ENOUGH) break;
  }
  return problems;
}

function checkObject(
  value: unknown,
  schema: Schema,
  root: Schema,
  at: string,
): string[] {
  if (typeOf(value) !== 'object') return [];
  const object = value as Record<string, unknown>;
  const problems = (schema.required ?? [])
    .filter((name) => !Object.hasOwn(object, name))
    .map((name) => `${place(at)} lacks "${name}"`);
  if (Object.keys(object).length < (schema.minProperties ?? 0)) {
    problems.push(`${place(at)} has too few members`);
  }
  for (const [name, member] of Object.entries(object)) {
    const below = `${at}/${name}`;
    if (schema.propertyNames) {
      problems.push(...check(name, schema.propertyNames, root, below));
    }
    const known = schema.properties?.[name];
    if (known) problems.push(...check(member, known, root, below));
    else if (schema.additionalProperties === false) {
      problems.push(`${place(at)} has "${name}", which is not known`);
    } else if (typeof schema.additionalProperties === 'object') {
      problems.push(...check(member, schema.additionalProperties, root, below));
    }
  }
  return problems;
}
