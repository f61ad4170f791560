import {
  afterHandshake,
  badMagic,
  badRole,
  badVersion,
  cutConnection,
  cutHeader,
  cutPayload,
  cutPreface,
  frameTooLong,
  notHandshake,
  proxyHeader,
  trailingOctets,
  unknownFrame,
} from './frame-violations.js';
import type { Violation } from './violation.js';
import type { Role } from './wire.js';

/** The numbers of native/framing/violation.h, which explains them. */
const Rule = {
  badMagic: 0,
  badRole: 1,
  badVersion: 2,
  truncated: 3,
  frameTooLong: 4,
  unknownFrame: 5,
  unexpectedFrame: 6,
  trailingOctets: 7,
  cut: 8,
  proxyHeader: 9,
} as const;

const Cut = { preface: 0, header: 1, payload: 2 } as const;

/** The violation that the C++ decoder reported as numbers. */
export function violationOfNumbers(
  rule: number,
  type: number,
  count: number,
  a: number,
  b: number,
  from: Role,
): Violation {
  switch (rule) {
    case Rule.badMagic: {
      const seen = Buffer.alloc(9);
      seen.writeUInt32LE(a, 0);
      seen.writeUInt32LE(b, 4);
      return badMagic(seen.subarray(0, count));
    }
    case Rule.badRole:
      return badRole(a, from);
    case Rule.badVersion:
      return badVersion(a, b);
    case Rule.truncated:
      if (count === Cut.preface) return cutPreface(a);
      return count === Cut.header ? cutHeader() : cutPayload(type, a);
    case Rule.frameTooLong:
      return frameTooLong(type, a, b);
    case Rule.unknownFrame:
      return unknownFrame(type);
    case Rule.unexpectedFrame:
      return a === 0 ? notHandshake(type, from) : afterHandshake(type);
    case Rule.trailingOctets:
      return trailingOctets(type);
    case Rule.cut:
      return cutConnection();
    case Rule.proxyHeader:
      return proxyHeader();
    default:
      throw new RangeError(`no rule has the number ${rule}`);
  }
}
