/**
 * The numbers of the wire format. Section numbers are those of
 * docs/wire-format.md.
 */

/** §3: `F6` is no ASCII, no UTF-8, no TLS record type; then "GBYE". */
export const MAGIC = Uint8Array.of(0xf6, 0x47, 0x42, 0x59, 0x45);
export const PREFACE_LENGTH = 8;

/** §3.1: the beginnings of PROXY protocol headers, version 1 and 2. */
export const PROXY_SIGNATURES: readonly Uint8Array[] = [
  Uint8Array.of(0x50, 0x52, 0x4f, 0x58, 0x59, 0x20),
  Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51),
];

export const Role = { caller: 1, callee: 2 } as const;
export type Role = (typeof Role)[keyof typeof Role];

/** §3.2: the versions that this implementation speaks. */
export const MIN_VERSION = 1;
export const MAX_VERSION = 1;

/** §4: type (1 octet), payload length (3 octets, big-endian). */
export const FRAME_HEADER_LENGTH = 4;
export const MAX_FRAME_PAYLOAD = 0xffffff;

/** §4.2: set in types and fields that a receiver may skip. */
export const IGNORABLE = 0x80;

export const FrameType = {
  CONNECT: 0x01,
  ACCEPT: 0x02,
  REJECT: 0x03,
  DATA: 0x04,
  DISCONNECT: 0x05,
  RESET: 0x06,
  NOTICE: 0x81,
  PING: 0x82,
  PONG: 0x83,
} as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

export function frameTypeName(type: number): string {
  for (const [name, value] of Object.entries(FrameType)) {
    if (value === type) return name;
  }
  return `0x${type.toString(16).padStart(2, '0')}`;
}

/** §5: identifier (1 octet), value length (2 octets, big-endian), value. */
export const FIELD_HEADER_LENGTH = 3;

export const FieldId = {
  USER_DATA: 0x01,
  USER_OPTIONS: 0x02,
  SOCKET_TYPE: 0x03,
  QOS: 0x04,
  LIMITS: 0x05,
  STATUS: 0x06,
  REASON: 0x87,
  CODE: 0x88,
  REPEAT: 0x89,
  IDLE_LIMIT: 0x8a,
} as const;

/** §6: the longest user data that its length field allows. */
export const MAX_USER_DATA = 0xffff;

/**
 * §6: a control frame holds at most one user data and one user options field,
 * and this much of everything else.
 */
export const CONTROL_OVERHEAD = 1024;

/** §6: the longest control frame payload taken where user data is capped. */
export function controlFrameLimit(userDataLimit: number): number {
  return CONTROL_OVERHEAD + 2 * userDataLimit;
}

/** §7.9: octets of a PING, and so of a PONG. */
export const MAX_PING = 255;

/** §11: the protocol name in TLS's ALPN. */
export const ALPN_PROTOCOL = 'goodbyte/1';
