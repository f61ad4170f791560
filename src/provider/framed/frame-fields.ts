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
  const decoded = decodeFields(payload);
  if (isViolation(decoded)) return decoded;

  const { mandatory, optional } = meanings[type] ?? nothing;
  const kept: Fields = {};
  for (const name of mandatory) {
    if (decoded[name] === undefined) {
      return violation(
        'missing-field',
        `${frameTypeName(type)} has no ${name}`,
      );
    }
    keep(kept, decoded, name);
  }
  for (const name of optional) keep(kept, decoded, name);

  for (const name of ['userData', 'userOptions'] as const) {
    const length = kept[name]?.length ?? 0;
    if (length > userDataLimit) {
      return violation(
        'user-data-too-long',
        `${frameTypeName(type)} has ${length} octets of ${name}, at most ${userDataLimit} are taken`,
      );
    }
  }
  return kept;
}

function keep<Name extends keyof Fields>(
  to: Fields,
  from: Fields,
  name: Name,
): void {
  if (from[name] !== undefined) to[name] = from[name];
}

const nothing: Meaning = { mandatory: [], optional: [] };
