/** Characters of data that are shown. */
const SHOWN = 24;

/** Octets that are text, although they print nothing: tab, LF and CR. */
const LINE_ENDS = new Set([0x09, 0x0a, 0x0d]);

/** A text in quotes, with `\n` for the end of a line. */
const quoted = (text) => JSON.stringify(text);

/** Marks before verdicts, so that colour is not the only sign. */
const marks = {
  OK: '✓',
  INFORMATIONAL: 'ⓘ',
  'NON-STRICT': '≈',
  UNIMPLEMENTED: '○',
  FAILED: '✗',
};

export const markOf = (verdict) => marks[verdict] ?? '–';

export const wordOf = (verdict) => verdict ?? 'not reached';

export const cut = (text, most) =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

export const milliseconds = (value) => `${value.toFixed(1)} ms`;

/** Octets in hex: quoted if they are printable, with their number if cut. */
export function describeHex(hex) {
  if (hex === null || hex === '') return 'no data';
  const octets = (hex.match(/[0-9a-f]{2}/gi) ?? []).map((pair) =>
    Number.parseInt(pair, 16),
  );
  const head = octets.slice(0, SHOWN);
  const printable = head.every(
    (octet) => (octet >= 0x20 && octet < 0x7f) || LINE_ENDS.has(octet),
  );
  const more = octets.length > head.length || hex.endsWith('…') ? '…' : '';
  const shown = printable
    ? quoted(`${String.fromCharCode(...head)}${more}`)
    : `0x${hex.slice(0, 2 * head.length)}${more}`;
  if (more === '') return shown;
  const count = hex.endsWith('…') ? `over ${octets.length}` : octets.length;
  return `${shown} (${count} octets)`;
}

/** Data as a scenario gives it. */
export function describeSpec(spec) {
  if (spec === null) return 'no data';
  if ('utf8' in spec) return quoted(cut(spec.utf8, SHOWN));
  if ('hex' in spec) return describeHex(spec.hex);
  if ('repeat' in spec) return `${spec.length} × "${cut(spec.repeat, 8)}"`;
  if ('octets' in spec) return `${spec.length} octets, 0 to 255`;
  if ('stored' in spec) return `data stored as "${spec.stored}"`;
  return JSON.stringify(spec);
}

const isObject = (value) => typeof value === 'object' && value !== null;

const dataNames = ['data', 'callerData'];

/** Describes a call's arguments: its data first, then the rest in words. */
export function describeGiven(given = {}) {
  const parts = dataNames
    .filter((name) => name in given && isObject(given[name]))
    .map((name) => describeSpec(given[name]));
  const { condition } = given;
  if (isObject(condition)) {
    parts.push(String(condition.verdict ?? ''));
    if (isObject(condition.data)) parts.push(describeSpec(condition.data));
  }
  for (const name of ['event', 'how', 'option', 'value', 'until', 'within']) {
    if (name in given) parts.push(`${name} ${String(given[name])}`);
  }
  return parts.filter((part) => part !== '').join(', ');
}

const octetNames = ['data', 'callerData', 'calleeData', 'rejectData'];

/** Describes a call's result: its error, its data, or success. */
export function describeResult(result) {
  const parts = [];
  if (result.error !== null) parts.push(String(result.error));
  for (const name of octetNames) {
    if (typeof result[name] !== 'string') continue;
    const shown = describeHex(result[name]);
    parts.push(name === 'data' ? shown : `${name} ${shown}`);
  }
  if (Array.isArray(result.messages) && result.messages.length > 1) {
    parts.push(`${result.messages.length} messages`);
  }
  for (const name of ['needed', 'value', 'callerFamily']) {
    if (result[name] !== undefined && result[name] !== null) {
      parts.push(`${name} ${String(result[name])}`);
    }
  }
  if (isObject(result.address)) {
    const { address, port } = result.address;
    parts.push(`${String(address)}${port ? `:${String(port)}` : ''}`);
  }
  if (parts.length === 0 && typeof result.return === 'number') {
    parts.push(`success (${result.return})`);
  }
  return parts.length === 0 ? 'success' : parts.join(', ');
}
