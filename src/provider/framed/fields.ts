import type { Flowspec, Qos } from '../../vocabulary/qos.js';
import {
  CONTROL_OVERHEAD,
  FIELD_HEADER_LENGTH,
  FieldId,
  IGNORABLE,
} from './wire.js';
import { violation, type Violation } from './violation.js';

/** §5.5: the limits of a handshake frame's sender. */
export interface Limits {
  /** Octets of user data (and of user options) in a handshake frame. */
  handshakeData: number;
  /** Octets of user data (and of user options) in DISCONNECT. */
  disconnectData: number;
  /** Octets of one message on a message-oriented connection. */
  message: number;
}

/** The fields of a control frame (§5); §7 says which frame has which. */
export interface Fields {
  userData?: Uint8Array | undefined;
  userOptions?: Uint8Array | undefined;
  socketType?: number | undefined;
  qos?: Qos | undefined;
  limits?: Limits | undefined;
  status?: number | undefined;
  reason?: string | undefined;
  /** The application's number, beside the data of a last frame. */
  code?: number | undefined;
  /** Whether a call that was refused may be repeated without harm. */
  mayRepeat?: boolean | undefined;
  /** Milliseconds of silence that the sender tolerates; 0: no limit. */
  idleLimit?: number | undefined;
}

const FLOWSPEC_LENGTH = 32;
const QOS_FIXED_LENGTH = 2 * FLOWSPEC_LENGTH;
const LIMITS_LENGTH = 8;
const MAX_REASON = 255;
const CODE_LENGTH = 4;
const IDLE_LIMIT_LENGTH = 4;
/** §5.9: values of REPEAT; others mean nothing. */
const REPEATS: readonly boolean[] = [false, true];

/** §5.4: octets of ProviderSpecific that fit beside the other fields. */
export const MAX_PROVIDER_SPECIFIC = CONTROL_OVERHEAD / 2;
const QOS_MAX_LENGTH = QOS_FIXED_LENGTH + MAX_PROVIDER_SPECIFIC;

/** Encodes a control frame's payload. Absent and empty fields cost nothing. */
export function encodeFields(fields: Fields): Uint8Array {
  const { userData, userOptions, socketType, qos, limits, status } = fields;
  const reason =
    fields.reason === undefined ? undefined : encodeReason(fields.reason);
  const providerSpecific = qos?.providerSpecific?.length ?? 0;

  let length = 0;
  if (userData?.length) length += FIELD_HEADER_LENGTH + userData.length;
  if (userOptions?.length) length += FIELD_HEADER_LENGTH + userOptions.length;
  if (socketType !== undefined) length += FIELD_HEADER_LENGTH + 1;
  if (qos) length += FIELD_HEADER_LENGTH + QOS_FIXED_LENGTH + providerSpecific;
  if (limits) length += FIELD_HEADER_LENGTH + LIMITS_LENGTH;
  if (status !== undefined) length += FIELD_HEADER_LENGTH + 2;
  if (reason?.length) length += FIELD_HEADER_LENGTH + reason.length;
  if (fields.code !== undefined) length += FIELD_HEADER_LENGTH + CODE_LENGTH;
  if (fields.mayRepeat !== undefined) length += FIELD_HEADER_LENGTH + 1;
  if (fields.idleLimit !== undefined) {
    length += FIELD_HEADER_LENGTH + IDLE_LIMIT_LENGTH;
  }
  if (length === 0) return EMPTY;

  const out = Buffer.allocUnsafe(length);
  let at = 0;
  if (socketType !== undefined) {
    at = writeHeader(out, at, FieldId.SOCKET_TYPE, 1);
    out[at++] = socketType;
  }
  if (limits) {
    at = writeHeader(out, at, FieldId.LIMITS, LIMITS_LENGTH);
    at = write16(out, at, limits.handshakeData);
    at = write16(out, at, limits.disconnectData);
    at = out.writeUInt32BE(limits.message, at);
  }
  if (status !== undefined) {
    at = writeHeader(out, at, FieldId.STATUS, 2);
    at = write16(out, at, status);
  }
  if (qos) {
    at = writeHeader(out, at, FieldId.QOS, QOS_FIXED_LENGTH + providerSpecific);
    at = writeFlowspec(out, at, qos.sending);
    at = writeFlowspec(out, at, qos.receiving);
    if (qos.providerSpecific) {
      out.set(qos.providerSpecific, at);
      at += providerSpecific;
    }
  }
  if (userData?.length) at = writeOctets(out, at, FieldId.USER_DATA, userData);
  if (userOptions?.length) {
    at = writeOctets(out, at, FieldId.USER_OPTIONS, userOptions);
  }
  if (reason?.length) at = writeOctets(out, at, FieldId.REASON, reason);
  if (fields.code !== undefined) {
    at = writeHeader(out, at, FieldId.CODE, CODE_LENGTH);
    at = out.writeUInt32BE(fields.code, at);
  }
  if (fields.mayRepeat !== undefined) {
    at = writeHeader(out, at, FieldId.REPEAT, 1);
    out[at++] = fields.mayRepeat ? 1 : 0;
  }
  if (fields.idleLimit !== undefined) {
    at = writeHeader(out, at, FieldId.IDLE_LIMIT, IDLE_LIMIT_LENGTH);
    out.writeUInt32BE(fields.idleLimit, at);
  }
  return out;
}

function write16(out: Buffer, at: number, value: number): number {
  out[at] = value >>> 8;
  out[at + 1] = value;
  return at + 2;
}

function writeHeader(
  out: Buffer,
  at: number,
  id: number,
  length: number,
): number {
  out[at] = id;
  return write16(out, at + 1, length);
}

function writeOctets(
  out: Buffer,
  at: number,
  id: number,
  value: Uint8Array,
): number {
  const start = writeHeader(out, at, id, value.length);
  out.set(value, start);
  return start + value.length;
}

/**
 * Decodes a control frame's payload.
 *
 * `userData` and `userOptions` are views into it, not copies.
 */
export function decodeFields(payload: Uint8Array): Fields | Violation {
  const fields = new DecodedFields();
  const view =
    payload instanceof Buffer
      ? payload
      : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  let at = 0;
  while (at < view.length) {
    const id = view[at]!;
    if (at + FIELD_HEADER_LENGTH > view.length) {
      return violation(
        'field-overrun',
        `the header of field 0x${hex(id)} needs ${FIELD_HEADER_LENGTH} octets, ${view.length - at} are left in the frame`,
      );
    }
    const length = read16(view, at + 1);
    at += FIELD_HEADER_LENGTH;
    if (length > view.length - at) {
      return violation(
        'field-overrun',
        `field 0x${hex(id)} says ${length} octets, ${view.length - at} are left in the frame`,
      );
    }
    const broken = decodeField(fields, id, view, at, length);
    if (broken) return broken;
    at += length;
  }
  // Empty equals absent (§5.1); they differ up to here to detect duplicates.
  if (fields.userData?.length === 0) fields.userData = undefined;
  if (fields.userOptions?.length === 0) fields.userOptions = undefined;
  if (fields.reason === '') fields.reason = undefined;
  return fields;
}

/** Tells decodeFields' two results apart: no field is called `detail`. */
export function isViolation(result: object): result is Violation {
  return 'detail' in result;
}

/** All have the same shape, for the sake of their readers' inline caches. */
class DecodedFields implements Fields {
  userData: Uint8Array | undefined = undefined;
  userOptions: Uint8Array | undefined = undefined;
  socketType: number | undefined = undefined;
  qos: Qos | undefined = undefined;
  limits: Limits | undefined = undefined;
  status: number | undefined = undefined;
  reason: string | undefined = undefined;
  code: number | undefined = undefined;
  mayRepeat: boolean | undefined = undefined;
  idleLimit: number | undefined = undefined;
  /** A REPEAT was present, whatever its value. */
  #repeats = false;

  /** @returns whether it is the first one. */
  repeat(value: number): boolean {
    if (this.#repeats) return false;
    this.#repeats = true;
    this.mayRepeat = REPEATS[value];
    return true;
  }
}

/** @param at where the value begins, `length` octets of it. */
function decodeField(
  fields: DecodedFields,
  id: number,
  payload: Buffer,
  at: number,
  length: number,
): Violation | undefined {
  switch (id) {
    case FieldId.USER_DATA:
      if (fields.userData) return duplicate(id);
      fields.userData = payload.subarray(at, at + length);
      return undefined;
    case FieldId.USER_OPTIONS:
      if (fields.userOptions) return duplicate(id);
      fields.userOptions = payload.subarray(at, at + length);
      return undefined;
    case FieldId.SOCKET_TYPE:
      if (fields.socketType !== undefined) return duplicate(id);
      if (length !== 1) return badLength(id, '1', length);
      fields.socketType = payload[at]!;
      return undefined;
    case FieldId.QOS:
      if (fields.qos) return duplicate(id);
      if (length < QOS_FIXED_LENGTH) {
        return badLength(id, `at least ${QOS_FIXED_LENGTH}`, length);
      }
      if (length > QOS_MAX_LENGTH) {
        return badLength(id, `at most ${QOS_MAX_LENGTH}`, length);
      }
      fields.qos = readQos(payload.subarray(at, at + length));
      return undefined;
    case FieldId.LIMITS:
      if (fields.limits) return duplicate(id);
      if (length !== LIMITS_LENGTH) {
        return badLength(id, String(LIMITS_LENGTH), length);
      }
      fields.limits = {
        handshakeData: read16(payload, at),
        disconnectData: read16(payload, at + 2),
        message: payload.readUInt32BE(at + 4),
      };
      return undefined;
    case FieldId.STATUS:
      if (fields.status !== undefined) return duplicate(id);
      if (length !== 2) return badLength(id, '2', length);
      fields.status = read16(payload, at);
      return undefined;
    case FieldId.REASON:
      if (fields.reason !== undefined) return duplicate(id);
      // A diagnosis must not cost the connection: characters that are not
      // printable ASCII are replaced, and long ones cut, rather than refused.
      fields.reason = printable(
        payload.toString('latin1', at, at + Math.min(length, MAX_REASON)),
      );
      return undefined;
    case FieldId.CODE:
      if (fields.code !== undefined) return duplicate(id);
      if (length !== CODE_LENGTH) {
        return badLength(id, String(CODE_LENGTH), length);
      }
      fields.code = payload.readUInt32BE(at);
      return undefined;
    case FieldId.REPEAT:
      if (length !== 1) {
        return fields.repeat(0) ? badLength(id, '1', length) : duplicate(id);
      }
      return fields.repeat(payload[at]!) ? undefined : duplicate(id);
    case FieldId.IDLE_LIMIT:
      if (fields.idleLimit !== undefined) return duplicate(id);
      if (length !== IDLE_LIMIT_LENGTH) {
        return badLength(id, String(IDLE_LIMIT_LENGTH), length);
      }
      fields.idleLimit = payload.readUInt32BE(at);
      return undefined;
    default:
      return id & IGNORABLE
        ? undefined
        : violation(
            'unknown-field',
            `field 0x${hex(id)} must be understood, and this version does not know it`,
          );
  }
}

function read16(octets: Buffer, at: number): number {
  return (octets[at]! << 8) | octets[at + 1]!;
}

function writeFlowspec(out: Buffer, at: number, flow: Flowspec): number {
  for (const value of [
    flow.tokenRate,
    flow.tokenBucketSize,
    flow.peakBandwidth,
    flow.latency,
    flow.delayVariation,
    flow.serviceType,
    flow.maxSduSize,
    flow.minimumPolicedSize,
  ]) {
    at = out.writeUInt32BE(value, at);
  }
  return at;
}

function readFlowspec(value: Buffer, at: number): Flowspec {
  return {
    tokenRate: value.readUInt32BE(at),
    tokenBucketSize: value.readUInt32BE(at + 4),
    peakBandwidth: value.readUInt32BE(at + 8),
    latency: value.readUInt32BE(at + 12),
    delayVariation: value.readUInt32BE(at + 16),
    serviceType: value.readUInt32BE(at + 20),
    maxSduSize: value.readUInt32BE(at + 24),
    minimumPolicedSize: value.readUInt32BE(at + 28),
  };
}

function readQos(value: Buffer): Qos {
  return {
    sending: readFlowspec(value, 0),
    receiving: readFlowspec(value, FLOWSPEC_LENGTH),
    providerSpecific:
      value.length > QOS_FIXED_LENGTH
        ? value.subarray(QOS_FIXED_LENGTH)
        : undefined,
  };
}

function encodeReason(reason: string): Uint8Array {
  return Buffer.from(printable(reason.slice(0, MAX_REASON)), 'latin1');
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}

function duplicate(id: number): Violation {
  return violation('duplicate-field', `field 0x${hex(id)} stands there twice`);
}

function badLength(id: number, expected: string, length: number): Violation {
  return violation(
    'bad-field',
    `field 0x${hex(id)} has ${length} octets, expected ${expected}`,
  );
}

function hex(id: number): string {
  return id.toString(16).padStart(2, '0');
}

const EMPTY = new Uint8Array(0);
