import {
  WSAECONNREFUSED,
  WSAECONNRESET,
  WSAEFAULT,
  WSAEOPNOTSUPP,
  WSAEPROTONOSUPPORT,
  WSAEPROTOTYPE,
  WSAETIMEDOUT,
  WSAVERNOTSUPPORTED,
  type Status,
} from '../../../vocabulary/error-codes.js';
import type { Failure } from '../../provider.js';
import type { Fields } from '../fields.js';
import type { Violation } from '../violation.js';
import { FrameType } from '../wire.js';

/** Statuses of REJECT (wire format §7.4); any other reads as refused. */
const rejectStatuses: ReadonlySet<Status> = new Set([
  WSAECONNREFUSED,
  WSAETIMEDOUT,
  WSAEFAULT,
  WSAEPROTOTYPE,
  WSAEOPNOTSUPP,
]);

/** The failure of a caller's connect after REJECT. */
export function failureOfReject(fields: Fields): Failure {
  const { status, limits, reason, userData, code, mayRepeat } = fields;
  const said = {
    rejected: true as const,
    rejectData: userData,
    rejectCode: code,
    mayRepeat,
  };
  if (status === WSAEFAULT) {
    return {
      status,
      detail: limits
        ? `the callee takes at most ${limits.handshakeData} octets of caller data`
        : 'the callee has more data for its caller than that takes',
      ...said,
    };
  }
  return {
    status:
      status !== undefined && rejectStatuses.has(status)
        ? status
        : WSAECONNREFUSED,
    detail: reason ? `the callee refused: ${reason}` : 'the callee refused',
    ...said,
  };
}

/** REJECT's fields for a request that cannot be granted. */
export function rejectionOf({ status, detail }: Failure): Fields {
  return {
    status: rejectStatuses.has(status) ? status : WSAECONNREFUSED,
    reason: detail,
  };
}

/**
 * A violation as the application sees it.
 *
 * @param ofConnect whether it came in place of CONNECT.
 */
export function failureOfViolation(
  broken: Violation,
  ofConnect: boolean,
): Failure {
  return {
    status: statusOfViolation(broken, ofConnect),
    violation: broken.name,
    detail: `${broken.name}: ${broken.detail}`,
  };
}

function statusOfViolation(
  { name, frame = FrameType.CONNECT }: Violation,
  ofConnect: boolean,
): Status {
  switch (name) {
    case 'bad-magic':
    case 'bad-role':
    case 'proxy-header':
      return WSAEPROTONOSUPPORT;
    case 'version-unsupported':
      return WSAVERNOTSUPPORTED;
    case 'frame-too-long':
    case 'user-data-too-long':
      // More caller data than the callee takes (contract row 2).
      return ofConnect && frame === FrameType.CONNECT
        ? WSAEFAULT
        : WSAECONNRESET;
    default:
      return WSAECONNRESET;
  }
}
