/** Names of frames, by their numbers in docs/wire-format.md, section 4.1. */
const frameNames: Readonly<Record<number, string>> = {
  1: 'CONNECT',
  2: 'ACCEPT',
  3: 'REJECT',
  4: 'DATA',
  5: 'DISCONNECT',
  6: 'RESET',
  0x81: 'NOTICE',
  0x82: 'PING',
  0x83: 'PONG',
};

/** Frames whose payload has no fields. */
const plainFrames: ReadonlySet<string> = new Set(['DATA', 'PING', 'PONG']);

/** Section 8. */
const violations: ReadonlySet<string> = new Set(
  (
    'bad-magic proxy-header bad-role bad-version version-unsupported truncated cut ' +
    'frame-too-long unknown-frame unexpected-frame trailing-octets ' +
    'field-overrun bad-field duplicate-field missing-field unknown-field ' +
    'user-data-too-long'
  ).split(' '),
);

const REASON = 0x87;
const CODE = 0x88;
const REPEAT = 0x89;
const STATUS = 0x06;
const USER_DATA = 0x01;

/**
 * Describes the octets of one direction, as a raw peer reads them. It has its
 * own decoder, so that the library's does not check itself.
 *
 * The preface is `caller 1-1` or `callee 1-1`; a frame is its name, REJECT and
 * RESET with their STATUS and the violation that REASON begins with, all others
 * with the length of their data; then CODE and REPEAT, if present (`code 7`,
 * `repeat 1`). An incomplete part is `… N octets`.
 *
 * @param greeted whether the preface was taken before.
 */
export function describeFrames(octets: Buffer, greeted = false): string[] {
  if (octets.length === 0) return [];
  if (
    !greeted &&
    (octets.length < 8 || octets.toString('latin1', 1, 5) !== 'GBYE')
  ) {
    return [`… ${octets.length} octets`];
  }
  const role = octets[5] === 1 ? 'caller' : 'callee';
  const found = greeted ? [] : [`${role} ${octets[6]}-${octets[7]}`];
  for (let at = greeted ? 0 : 8; at < octets.length;) {
    const end =
      at + 4 > octets.length ? Infinity : at + 4 + octets.readUIntBE(at + 1, 3);
    if (end > octets.length)
      return [...found, `… ${octets.length - at} octets`];
    found.push(describeFrame(octets[at]!, octets.subarray(at + 4, end)));
    at = end;
  }
  return found;
}

function describeFrame(type: number, payload: Buffer): string {
  const name = frameNames[type] ?? `frame ${type.toString(16)}`;
  if (plainFrames.has(name)) return `${name} ${payload.length}`;
  const fields = fieldsOf(payload);
  const words = [name];
  const status = fields.get(STATUS);
  if (status) words.push(String(status.readUInt16BE()));
  if (name === 'RESET' || name === 'REJECT') {
    const reason = fields.get(REASON)?.toString('latin1') ?? '';
    const violation = /^[a-z-]+/.exec(reason)?.[0];
    if (violation && violations.has(violation)) words.push(violation);
  }
  const data = fields.get(USER_DATA);
  if ((name === 'DISCONNECT' || name === 'NOTICE') && data)
    words.push(String(data.length));
  const code = fields.get(CODE);
  if (code) words.push('code', String(code.readUInt32BE()));
  const repeat = fields.get(REPEAT);
  if (repeat) words.push('repeat', String(repeat.readUInt8()));
  return words.join(' ');
}

function fieldsOf(payload: Buffer): Map<number, Buffer> {
  const fields = new Map<number, Buffer>();
  for (let at = 0; at + 3 <= payload.length;) {
    const end = at + 3 + payload.readUInt16BE(at + 1);
    fields.set(payload[at]!, payload.subarray(at + 3, end));
    at = end;
  }
  return fields;
}
