// Reads binding.gyp, so that the addon's settings are written only once.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const string = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/.source;

function asJson(quoted) {
  if (quoted.startsWith('"')) return quoted;
  const inside = quoted.slice(1, -1).replaceAll("\\'", "'");
  return `"${inside.replaceAll(/(?<!\\)"/g, '\\"')}"`;
}

/**
 * Parses a gyp file. It is a Python literal: JSON plus comments, strings in single
 * quotes, and trailing commas.
 */
function parse(text) {
  const withoutComments = text.replaceAll(
    new RegExp(`${string}|#.*`, 'g'),
    (found) => (found.startsWith('#') ? '' : asJson(found)),
  );
  return JSON.parse(
    withoutComments.replaceAll(
      new RegExp(`(${string})|,(?=\\s*[\\]}])`, 'g'),
      '$1',
    ),
  );
}

function holds(condition, variables) {
  const [, name, operator, , value] =
    /^(\w+) *(==|!=) *(['"])(\w+)\3$/.exec(condition.trim()) ?? [];
  if (!(name in variables)) {
    throw new Error(`binding.gyp: cannot tell whether ${condition}`);
  }
  return (variables[name] === value) === (operator === '==');
}

/** Appends to lists and merges dictionaries, as gyp does. */
function merge(into, from) {
  for (const [key, value] of Object.entries(from)) {
    if (Array.isArray(value)) into[key] = [...(into[key] ?? []), ...value];
    else if (typeof value === 'object') merge((into[key] ??= {}), value);
    else into[key] = value;
  }
}

function resolved({ conditions = [], ...settings }, variables) {
  for (const [condition, then, otherwise] of conditions) {
    const chosen = holds(condition, variables) ? then : otherwise;
    if (chosen) merge(settings, resolved(chosen, variables));
  }
  return settings;
}

/**
 * Returns the addon's settings for an operating system, by gyp's name for it
 * ("linux", "mac", "win").
 *
 * @returns {Record<string, string[]>}
 */
export function addonTarget(root, system) {
  const { targets } = parse(readFileSync(join(root, 'binding.gyp'), 'utf8'));
  return resolved(targets[0], { OS: system });
}
