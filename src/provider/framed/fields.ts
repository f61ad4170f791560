import type { Flowspec, Qos } from '../../vocabulary/qos.js';
import {
  CONTROL_OVERHEAD,
  FIELD_HEADER_LENGTH,
  FieldId,
  IGNORABLE,
} from './wire.js';
import { violation, type Violation } from './violation.js';

/** §5.5: what the sender of a handshake frame takes from the other side. */
export interface Limits {
  /** Octets of user data (and of user options) in a handshake frame. */
  handshakeData: number;
  /** Octets of user data (and of user options) in DISCONNECT. */
  disconnectData: number;
  /** Octets of one message on a message-oriented connection. */
  message: number;
}

/** The fields of a control frame (§5); which frame has which: §7. */
export interface Fields {
  userData?: Uint8Array | undefined;
  userOptions?: Uint8Array | undefined;
  socketType?: number | undefined;
  qos?: Qos | undefined;
  limits?: Limits | undefined;
  status?: number | undefined;
  reason?: string | undefined;
}

const FLOWSPEC_LENGTH = 32;
const QOS_FIXED_LENGTH = 2 * FLOWSPEC_LENGTH;
const LIMITS_LENGTH = 8;
const MAX_REASON = 255;

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
  if (length === 0) return EMPTY;

  const out = Buffer.allocUnsafe(length);
  let at = 0;
  const header = (id: number, size: number) => {
    out[at] = id;
    out.writeUInt16BE(size, at + 1);
    at += FIELD_HEADER_LENGTH;
  };
  const octets = (id: number, value: Uint8Array) => {
    header(id, value.length);
    out.set(value, at);
    at += value.length;
  };
  if (socketType !== undefined) {
    header(FieldId.SOCKET_TYPE, 1);
    out[at++] = socketType;
  }
  if (limits) {
    header(FieldId.LIMITS, LIMITS_LENGTH);
    out.writeUInt16BE(limits.handshakeData, at);
    out.writeUInt16BE(limits.disconnectData, at + 2);
    out.writeUInt32BE(limits.message, at + 4);
    at += LIMITS_LENGTH;
  }
  if (status !== undefined) {
    header(FieldId.STATUS, 2);
    out.writeUInt16BE(status, at);
    at += 2;
  }
  if (qos) {
    header(FieldId.QOS, QOS_FIXED_LENGTH + providerSpecific);
    at = writeFlowspec(out, at, qos.sending);
    at = writeFlowspec(out, at, qos.receiving);
    if (qos.providerSpecific) {
      out.set(qos.providerSpecific, at);
      at += providerSpecific;
    }
  }
  if (userData?.length) octets(FieldId.USER_DATA, userData);
  if (userOptions?.length) octets(FieldId.USER_OPTIONS, userOptions);
  if (reason?.length) octets(FieldId.REASON, reason);
  return out;
}

/**
 * Decodes a control frame's payload.
 *
 * `userData` and `userOptions` are views into it, not copies.
 */
export function decodeFields(payload: Uint8Array): Fields | Violation {
  const fields: Fields = {};
  const view = Buffer.from(
    payload.buffer,
    payload.byteOffset,
    payload.byteLength,
  );
  let at = 0;
  while (at < view.length) {
    const id = view[at]!;
    if (at + FIELD_HEADER_LENGTH > view.length) {
      return violation(
        'field-overrun',
        `the header of field 0x${hex(id)} needs ${FIELD_HEADER_LENGTH} octets, ${view.length - at} are left in the frame`,
      );
    }
    const length = view.readUInt16BE(at + 1);
    at += FIELD_HEADER_LENGTH;
    if (length > view.length - at) {
      return violation(
        'field-overrun',
        `field 0x${hex(id)} says ${length} octets, ${view.length - at} are left in the frame`,
      );
    }
    const broken = decodeField(fields, id, view.subarray(at, at + length));
    if (broken) return broken;
    at += length;
  }
  // Empty equals none (§5.1); told apart up to here to see duplicates.
  if (fields.userData?.length === 0) fields.userData = undefined;
  if (fields.userOptions?.length === 0) fields.userOptions = undefined;
  if (fields.reason === '') fields.reason = undefined;
  return fields;
}

/** Tells decodeFields' two results apart: no field is called `detail`. */
export function isViolation(result: object): result is Violation {
  return 'detail' in result;
}

function decodeField(
  fields: Fields,
  id: number,
  value: Buffer,
): Violation | undefined {
  switch (id) {
    case FieldId.USER_DATA:
      if (fields.userData) return duplicate(id);
      fields.userData = value;
      return undefined;
    case FieldId.USER_OPTIONS:
      if (fields.userOptions) return duplicate(id);
      fields.userOptions = value;
      return undefined;
    case FieldId.SOCKET_TYPE:
      if (fields.socketType !== undefined) return duplicate(id);
      if (value.length !== 1) return badLength(id, '1', value);
      fields.socketType = value[0]!;
      return undefined;
    case FieldId.QOS:
      if (fields.qos) return duplicate(id);
      if (value.length < QOS_FIXED_LENGTH) {
        return badLength(id, `at least ${QOS_FIXED_LENGTH}`, value);
      }
      if (value.length > QOS_MAX_LENGTH) {
        return badLength(id, `at most ${QOS_MAX_LENGTH}`, value);
      }
      fields.qos = readQos(value);
      return undefined;
    case FieldId.LIMITS:
      if (fields.limits) return duplicate(id);
      if (value.length !== LIMITS_LENGTH) {
        return badLength(id, String(LIMITS_LENGTH), value);
      }
      fields.limits = {
        handshakeData: value.readUInt16BE(0),
        disconnectData: value.readUInt16BE(2),
        message: value.readUInt32BE(4),
      };
      return undefined;
    case FieldId.STATUS:
      if (fields.status !== undefined) return duplicate(id);
      if (value.length !== 2) return badLength(id, '2', value);
      fields.status = value.readUInt16BE(0);
      return undefined;
    case FieldId.REASON:
      if (fields.reason !== undefined) return duplicate(id);
      // A diagnosis is not worth a connection: what is no printable ASCII is
      // replaced, and what is too long is cut, rather than refused.
      fields.reason = printable(value.toString('latin1', 0, MAX_REASON));
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

function badLength(id: number, expected: string, value: Uint8Array): Violation {
  return violation(
    'bad-field',
    `field 0x${hex(id)} has ${value.length} octets, expected ${expected}`,
  );
}

function hex(id: number): string {
  return id.toString(16).padStart(2, '0');
}

const EMPTY = new Uint8Array(0);
