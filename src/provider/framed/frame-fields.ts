import { decodeFields, isViolation, type Fields } from './fields.js';
import { violation, type Violation } from './violation.js';
import { FrameType, frameTypeName } from './wire.js';

interface Meaning {
  readonly mandatory: readonly (keyof Fields)[];
  readonly meaningless: readonly (keyof Fields)[];
}

const names: readonly (keyof Fields)[] = [
  'userData',
  'userOptions',
  'socketType',
  'qos',
  'limits',
  'status',
  'reason',
  'code',
  'mayRepeat',
  'idleLimit',
];

function meaning(
  mandatory: readonly (keyof Fields)[],
  optional: readonly (keyof Fields)[],
): Meaning {
  const meaningless = names.filter(
    (name) => !mandatory.includes(name) && !optional.includes(name),
  );
  return { mandatory, meaningless };
}

/** §7: the fields of each frame. */
const meanings: Readonly<Partial<Record<number, Meaning>>> = {
  [FrameType.CONNECT]: meaning(
    ['socketType', 'limits'],
    ['userData', 'userOptions', 'qos', 'idleLimit'],
  ),
  [FrameType.ACCEPT]: meaning(
    ['limits'],
    ['userData', 'userOptions', 'qos', 'idleLimit'],
  ),
  [FrameType.REJECT]: meaning(
    ['status'],
    ['userData', 'limits', 'reason', 'code', 'mayRepeat'],
  ),
  [FrameType.DISCONNECT]: meaning([], ['userData', 'userOptions', 'code']),
  [FrameType.RESET]: meaning([], ['status', 'reason', 'code']),
  [FrameType.NOTICE]: meaning([], ['userData', 'code']),
};

/**
 * Decodes a control frame's payload and keeps the fields that have a meaning in
 * a frame of this type.
 *
 * @param userDataLimit octets of user data, and of user options, that the
 *  receiver accepts in this frame (§6).
 */
export function decodeFrameFields(
  type: number,
  payload: Uint8Array,
  userDataLimit: number,
): Fields | Violation {
  const fields = decodeFields(payload);
  if (isViolation(fields)) return fields;

  const { mandatory, meaningless } = meanings[type] ?? nothing;
  for (const name of mandatory) {
    if (fields[name] === undefined) {
      return violation(
        'missing-field',
        `${frameTypeName(type)} has no ${name}`,
      );
    }
  }
  for (const name of meaningless) {
    if (fields[name] !== undefined) fields[name] = undefined;
  }
  for (const name of ['userData', 'userOptions'] as const) {
    const length = fields[name]?.length ?? 0;
    if (length > userDataLimit) {
      return violation(
        'user-data-too-long',
        `${frameTypeName(type)} has ${length} octets of ${name}, at most ${userDataLimit} are taken`,
      );
    }
  }
  return fields;
}

const nothing = meaning([], []);
