import { PROTOCOL, type AgentMessage, type Hello } from './messages.js';

type Kind = 'string' | 'number' | 'boolean' | 'hex' | 'object' | 'array';

interface Member {
  kinds: Kind[];
  optional?: boolean;
  nullable?: boolean;
}

const text: Member = { kinds: ['string'] };
const count: Member = { kinds: ['number'] };
const octets: Member = { kinds: ['hex'], optional: true, nullable: true };
const number: Member = { kinds: ['number'], optional: true };
const errorName: Member = { kinds: ['string'], nullable: true };

const members: Record<AgentMessage['type'], Record<string, Member>> = {
  hello: {
    protocol: text,
    version: count,
    agent: text,
    system: text,
    provider: text,
    protocols: { kinds: ['array'] },
    calls: { kinds: ['array'] },
    lacks: { kinds: ['array'], optional: true },
    token: { kinds: ['string'], optional: true },
  },
  result: {
    seq: count,
    error: errorName,
    return: number,
    data: octets,
    needed: number,
    messages: { kinds: ['array'], optional: true },
    callerData: octets,
    calleeData: octets,
    rejectData: octets,
    conditionCalls: number,
    callerFamily: { kinds: ['string'], optional: true },
    value: { kinds: ['number', 'boolean'], optional: true, nullable: true },
    address: { kinds: ['object'], optional: true },
  },
  unsupported: { seq: count, what: text },
  indication: { socket: text, event: text, error: errorName },
  ended: { seq: count },
};

/** An agent said what the protocol does not know. */
export class AgentProtocolError extends Error {
  override readonly name = 'AgentProtocolError';
}

function isKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case 'hex':
      return typeof value === 'string' && /^([0-9a-f]{2})*$/i.test(value);
    case 'string':
      // It may be shown on a terminal.
      return typeof value === 'string' && !/\p{Cc}/u.test(value);
    case 'number':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
    default:
      return typeof value === kind;
  }
}

/**
 * Checks a message of an agent: it comes from outside and is not trusted.
 * Members that are not known are passed over.
 *
 * @throws {AgentProtocolError}
 */
export function parseAgentMessage(value: unknown): AgentMessage {
  const message = value as Record<string, unknown> | null;
  const type = typeof message === 'object' ? message?.['type'] : undefined;
  if (typeof type !== 'string' || !Object.hasOwn(members, type)) {
    throw new AgentProtocolError(
      `the agent sent a message of the unknown type ${JSON.stringify(type)}`,
    );
  }
  for (const [name, member] of Object.entries(
    members[type as AgentMessage['type']],
  )) {
    const found = message![name];
    const fits =
      found === undefined
        ? member.optional === true
        : found === null
          ? member.nullable === true
          : member.kinds.some((kind) => isKind(found, kind));
    if (!fits) {
      throw new AgentProtocolError(
        `the agent's "${type}" has no usable member "${name}"`,
      );
    }
  }
  if (type === 'hello') checkHello(message as unknown as Hello);
  if (type === 'result') checkResult(message!);
  return message as unknown as AgentMessage;
}

function checkHello({ protocol, protocols, calls, lacks = [] }: Hello): void {
  if (protocol !== PROTOCOL) {
    throw new AgentProtocolError('the agent speaks another protocol');
  }
  const numbers = ['addressFamily', 'socketType', 'serviceFlags1'] as const;
  for (const entry of protocols) {
    if (!numbers.every((name) => Number.isInteger(entry?.[name]))) {
      throw new AgentProtocolError(
        `the agent's protocols lack one of: ${numbers.join(', ')}`,
      );
    }
  }
  if (![...calls, ...lacks].every((name) => typeof name === 'string')) {
    throw new AgentProtocolError(
      'the calls of the agent, or what it lacks, are no names',
    );
  }
}

function checkResult(message: Record<string, unknown>): void {
  const messages = (message['messages'] ?? []) as unknown[];
  const address = message['address'] as Record<string, unknown> | undefined;
  if (!messages.every((one) => isKind(one, 'hex'))) {
    throw new AgentProtocolError('the messages of the agent are not in hex');
  }
  if (
    address &&
    !(
      typeof address['family'] === 'string' &&
      typeof address['address'] === 'string' &&
      Number.isInteger(address['port'])
    )
  ) {
    throw new AgentProtocolError('the address that the agent sent is none');
  }
}
