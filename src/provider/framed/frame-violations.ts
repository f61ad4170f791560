import { hexOf, violation, type Violation } from './violation.js';
import { MAGIC, Role, frameTypeName } from './wire.js';

/**
 * Violations below the fields, each with its sentence: the same
 * from every decoder, in whatever language it is written.
 */

/** @param seen The first octets, as far as they came together. */
export function badMagic(seen: Uint8Array): Violation {
  return violation(
    'bad-magic',
    `the peer does not speak goodbyte framing: it began with ${hexOf(seen)}, expected ${hexOf(MAGIC)}`,
  );
}

export function proxyHeader(): Violation {
  return violation(
    'proxy-header',
    'a PROXY protocol header came, and none is expected: set proxyProtocol, or have the proxy send none',
  );
}

export function badRole(role: number, expected: Role): Violation {
  return violation(
    'bad-role',
    expected === Role.callee && role === Role.caller
      ? "the peer sent a caller's preface: it echoes octets, or is a caller itself"
      : `the preface says role ${role}, expected ${expected}`,
  );
}

export function badVersion(min: number, max: number): Violation {
  return violation(
    'bad-version',
    `the preface offers versions ${min} to ${max}, which is not a range`,
  );
}

export function cutPreface(came: number): Violation {
  return violation(
    'truncated',
    `the connection ended after ${came} octets of the preface`,
  );
}

export function cutHeader(): Violation {
  return violation('truncated', 'the connection ended inside a frame header');
}

export function cutPayload(type: number, missing: number): Violation {
  return violation(
    'truncated',
    `the connection ended inside a ${frameTypeName(type)} frame, ${missing} octets before its end`,
  );
}

/** FIN between two frames. */
export function cutConnection(): Violation {
  return violation(
    'cut',
    'the connection ended without DISCONNECT: the peer is gone, or something on the way',
  );
}

export function frameTooLong(
  type: number,
  length: number,
  limit: number,
): Violation {
  return {
    ...violation(
      'frame-too-long',
      `${frameTypeName(type)} says ${length} octets, at most ${limit} are taken`,
    ),
    frame: type,
  };
}

export function unknownFrame(type: number): Violation {
  return violation(
    'unknown-frame',
    `frames of type ${frameTypeName(type)} must be understood, and this version does not know them`,
  );
}

/** A known frame in place of the handshake frame. */
export function notHandshake(type: number, from: Role): Violation {
  return violation(
    'unexpected-frame',
    `${frameTypeName(type)} came where ${from === Role.caller ? 'CONNECT' : 'ACCEPT or REJECT'} was expected`,
  );
}

export function afterHandshake(type: number): Violation {
  return violation(
    'unexpected-frame',
    `${frameTypeName(type)} came after the handshake`,
  );
}

/** @param last The type of the last frame. */
export function trailingOctets(last: number): Violation {
  return violation(
    'trailing-octets',
    `${frameTypeName(last)} is the last frame of its direction; more octets followed`,
  );
}
