/** The part of JSON Schema (2020-12) that our schemas use, and no more. */
export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  minLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
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
    'type const enum pattern minLength minimum maximum minItems uniqueItems ' +
    'items properties required minProperties additionalProperties ' +
    'propertyNames anyOf oneOf'
  ).split(' '),
);

/**
 * Every way in which a value breaks a schema, each with the place; none if it
 * is valid. A keyword that is not known here throws: it is never passed over.
 */
export function validate(value: unknown, root: Schema): string[] {
  return check(value, root, root, '');
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
      // The alternative that came furthest tells most.
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

/** Schemas that use no other keywords: each is asked for many values. */
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
  const found = /^#\/\$defs\/(\w+)$/.exec(reference)?.[1];
  const schema = found === undefined ? undefined : root.$defs?.[found];
  if (!schema) throw new Error(`the schema has no ${reference}`);
  return schema;
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
    if (schema.pattern && !new RegExp(schema.pattern, 'u').test(value)) {
      problems.push(`${place(at)} does not match ${schema.pattern}`);
    }
    if (value.length < (schema.minLength ?? 0)) {
      problems.push(`${place(at)} is empty or too short`);
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
  const { items } = schema;
  if (items) {
    value.forEach((item, index) => {
      problems.push(...check(item, items, root, `${at}/${index}`));
    });
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
