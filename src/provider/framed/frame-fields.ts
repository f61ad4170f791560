import { decodeFields, isViolation, type Fields } from './fields.js';
import { violation, type Violation } from './violation.js';
import { FrameType, frameTypeName } from './wire.js';

interface Meaning {
  readonly mandatory: readonly (keyof Fields)[];
  readonly optional: readonly (keyof Fields)[];
}

/** §7: which frame has which fields. */
const meanings: Readonly<Partial<Record<number, Meaning>>> = {
  [FrameType.CONNECT]: {
    mandatory: ['socketType', 'limits'],
    optional: ['userData', 'userOptions', 'qos'],
  },
  [FrameType.ACCEPT]: {
    mandatory: ['limits'],
    optional: ['userData', 'userOptions', 'qos'],
  },
  [FrameType.REJECT]: {
    mandatory: ['status'],
    optional: ['userData', 'limits', 'reason'],
  },
  [FrameType.DISCONNECT]: {
    mandatory: [],
    optional: ['userData', 'userOptions'],
  },
  [FrameType.RESET]: {
    mandatory: [],
    optional: ['status', 'reason'],
  },
};

/**
 * Decodes a control frame's payload and keeps the fields that mean something
 * in a frame of this type.
 *
 * @param userDataLimit octets of user data, and of user options, that the
 *  receiver takes in this frame (§6).
 */
export function decodeFrameFields(
  type: number,
  payload: Uint8Array,
  userDataLimit: number,
): Fields | Violation {
  const fields = decodeFields(payload);
  if (isViolation(fields)) return fields;

  const { mandatory, optional } = meanings[type] ?? nothing;
  for (const name of mandatory) {
    if (fields[name] === undefined) {
      return violation(
        'missing-field',
        `${frameTypeName(type)} has no ${name}`,
      );
    }
  }
  for (const name of Object.keys(fields) as (keyof Fields)[]) {
    if (!mandatory.includes(name) && !optional.includes(name)) {
      fields[name] = undefined;
    }
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

const nothing: Meaning = { mandatory: [], optional: [] };
