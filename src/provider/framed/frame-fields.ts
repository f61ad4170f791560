import { decodeFields, isViolation, type Fields } from './fields.js';
import { violation, type Violation } from './violation.js';
import { FrameType, frameTypeName } from './wire.js';

type Name = keyof Fields;

interface Meaning {
  readonly mandatory: readonly Name[];
  readonly has: Readonly<Record<Name, boolean>>;
}

function meaning(
  mandatory: readonly Name[],
  optional: readonly Name[],
): Meaning {
  const has = (name: Name) =>
    mandatory.includes(name) || optional.includes(name);
  return {
    mandatory,
    has: {
      userData: has('userData'),
      userOptions: has('userOptions'),
      socketType: has('socketType'),
      qos: has('qos'),
      limits: has('limits'),
      status: has('status'),
      reason: has('reason'),
      code: has('code'),
      mayRepeat: has('mayRepeat'),
      idleLimit: has('idleLimit'),
    },
  };
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

  const { mandatory, has } = meanings[type] ?? nothing;
  for (const name of mandatory) {
    if (fields[name] === undefined) {
      return violation(
        'missing-field',
        `${frameTypeName(type)} has no ${name}`,
      );
    }
  }
  keepOnly(fields, has);
  const { userData, userOptions } = fields;
  return (
    excess(type, 'userData', userData, userDataLimit) ??
    excess(type, 'userOptions', userOptions, userDataLimit) ??
    fields
  );
}

/** Field by field: a loop over names takes longer than all else of a frame. */
function keepOnly(fields: Fields, has: Meaning['has']): void {
  if (!has.userData) fields.userData = undefined;
  if (!has.userOptions) fields.userOptions = undefined;
  if (!has.socketType) fields.socketType = undefined;
  if (!has.qos) fields.qos = undefined;
  if (!has.limits) fields.limits = undefined;
  if (!has.status) fields.status = undefined;
  if (!has.reason) fields.reason = undefined;
  if (!has.code) fields.code = undefined;
  if (!has.mayRepeat) fields.mayRepeat = undefined;
  if (!has.idleLimit) fields.idleLimit = undefined;
}

function excess(
  type: number,
  name: Name,
  data: Uint8Array | undefined,
  userDataLimit: number,
): Violation | undefined {
  const length = data?.length ?? 0;
  if (length > userDataLimit) {
    return violation(
      'user-data-too-long',
      `${frameTypeName(type)} has ${length} octets of ${name}, at most ${userDataLimit} are taken`,
    );
  }
  return undefined;
}

const nothing = meaning([], []);
