import { isIPv4, isIPv6 } from 'node:net';
import type { ProtocolInfo } from '../../src/vocabulary/protocol-info.js';
import type { Family } from '../scenario/types.js';
import {
  NAME_LIMIT,
  PROTOCOL,
  PROTOCOL_VERSION,
  type AgentMessage,
  type StepResult,
  type WireAddress,
} from './messages.js';

/** An agent said what the protocol does not know. */
export class AgentProtocolError extends Error {
  override readonly name = 'AgentProtocolError';
}

/** Entries of a list in a hello. */
const LIST_LIMIT = 1024;

interface Member {
  fits: (value: unknown) => boolean;
  optional?: boolean;
  nullable?: boolean;
  /** Selects the part of a valid value to keep; all of it if absent. */
  keep?: (value: never) => unknown;
}

const isNumber = (value: unknown): value is number => Number.isInteger(value);

/** Text for a person or a report: it may be shown on a terminal. */
const isText = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length <= NAME_LIMIT &&
  !/\p{Cc}/u.test(value);

const isHex = (value: unknown): boolean =>
  typeof value === 'string' &&
  value.length % 2 === 0 &&
  !/[^0-9a-f]/i.test(value);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isListOf =
  (fits: (value: unknown) => boolean, most = Number.POSITIVE_INFINITY) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.length <= most && value.every(fits);

const isProtocol = (value: unknown): boolean =>
  isObject(value) &&
  [value['addressFamily'], value['socketType'], value['serviceFlags1']].every(
    isNumber,
  );

/** The members of a protocol that a report shows: numbers and names. */
function plainMembers(protocol: ProtocolInfo): object {
  return Object.fromEntries(
    Object.entries(protocol).filter(
      ([name, value]: [string, unknown]) =>
        isText(name) && (isNumber(value) || isText(value)),
    ),
  );
}

const addresses: Record<Family, (address: string) => boolean> = {
  IPv4: isIPv4,
  IPv6: isIPv6,
  unix: (address) => address !== '' && isText(address),
  tls: isIPv4,
};

/** A literal address: the other agent connects to it, and looks up no name. */
function isAddress(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { family, address, port } = value;
  return (
    typeof family === 'string' &&
    Object.hasOwn(addresses, family) &&
    typeof address === 'string' &&
    addresses[family as Family](address) &&
    isNumber(port) &&
    port >= 0 &&
    port <= 65_535
  );
}

const isOneOf =
  (known: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === 'string' && known.includes(value);

const EVENTS = ['FD_CONNECT', 'FD_ACCEPT', 'FD_READ', 'FD_WRITE', 'FD_CLOSE'];

const text: Member = { fits: isText };
const count: Member = { fits: isNumber };
const number: Member = { fits: isNumber, optional: true };
const octets: Member = { fits: isHex, optional: true, nullable: true };
const errorName: Member = { fits: isText, nullable: true };
const familyName: Member = {
  fits: isOneOf(Object.keys(addresses)),
  optional: true,
};
const names: Member = { fits: isListOf(isText, LIST_LIMIT) };

const result: Record<keyof StepResult, Member> = {
  error: errorName,
  return: number,
  data: octets,
  needed: number,
  messages: { fits: isListOf(isHex), optional: true },
  callerData: octets,
  calleeData: octets,
  rejectData: octets,
  conditionCalls: number,
  callerFamily: familyName,
  calleeFamily: familyName,
  sqos: octets,
  frames: { fits: isListOf(isText), optional: true },
  value: {
    fits: (value) => isNumber(value) || typeof value === 'boolean',
    optional: true,
    nullable: true,
  },
  code: { ...number, nullable: true },
  mayRepeat: {
    fits: (value) => typeof value === 'boolean',
    optional: true,
    nullable: true,
  },
  alpn: { ...text, optional: true, nullable: true },
  address: {
    fits: isAddress,
    optional: true,
    keep: ({ family, address, port }: WireAddress) => ({
      family,
      address,
      port,
    }),
  },
};

const members: Record<AgentMessage['type'], Record<string, Member>> = {
  hello: {
    protocol: text,
    version: count,
    agent: text,
    system: text,
    provider: text,
    protocols: {
      fits: isListOf(isProtocol, LIST_LIMIT),
      keep: (protocols: ProtocolInfo[]) => protocols.map(plainMembers),
    },
    calls: names,
    lacks: { ...names, optional: true },
    token: { ...text, optional: true },
  },
  result: { seq: count, ...result },
  unsupported: { seq: count, what: text },
  indication: {
    socket: text,
    event: { fits: isOneOf(EVENTS) },
    error: errorName,
  },
  ended: { seq: count },
};

/**
 * Checks a message of an agent: it comes from outside and is not trusted.
 * Members that are not known are passed over, and are not in what is returned.
 *
 * @throws {AgentProtocolError}
 */
export function parseAgentMessage(value: unknown): AgentMessage {
  const type = isObject(value) ? value['type'] : undefined;
  if (!isObject(value) || typeof type !== 'string' || !isType(type)) {
    const shown = isText(type) ? JSON.stringify(type) : typeof type;
    throw new AgentProtocolError(
      `the agent sent a message of the unknown type ${shown}`,
    );
  }
  if (type === 'hello' && value['protocol'] !== PROTOCOL) {
    throw new AgentProtocolError('the agent speaks another protocol');
  }
  // In another version the members may be others, too.
  const version = value['version'];
  if (type === 'hello' && isNumber(version) && version !== PROTOCOL_VERSION) {
    throw new AgentProtocolError(
      `the agent speaks version ${version} of the protocol, this runner ` +
        `version ${PROTOCOL_VERSION}: one of the two has to be of another release`,
    );
  }
  const kept: Record<string, unknown> = { type };
  for (const [name, member] of Object.entries(members[type])) {
    const found = value[name];
    if (found === undefined && member.optional) continue;
    if (!(found === null ? member.nullable : member.fits(found))) {
      throw new AgentProtocolError(
        `the agent's "${type}" has no usable member "${name}"`,
      );
    }
    kept[name] =
      found !== null && member.keep ? member.keep(found as never) : found;
  }
  return kept as unknown as AgentMessage;
}

function isType(type: string): type is AgentMessage['type'] {
  return Object.hasOwn(members, type);
}
