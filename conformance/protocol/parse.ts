import { isIPv4, isIPv6 } from 'node:net';
import { validate, type Schema } from '../schema.js';
import {
  PROTOCOL,
  PROTOCOL_VERSION,
  type AgentMessage,
  type DeclaredProtocol,
  type WireAddress,
} from './messages.js';
import { protocolSchema } from './schema.js';

/** An agent sent something that the protocol does not allow. */
export class AgentProtocolError extends Error {
  override readonly name = 'AgentProtocolError';
}

/** Whether a value fits one of the protocol's schemas. */
const fits = (value: unknown, schema: Schema): boolean =>
  validate(value, schema, protocolSchema()).length === 0;

const TEXT: Schema = { $ref: '#/$defs/text' };

/** Text for a person or a report: it may be shown on a terminal. */
const isText = (value: unknown): value is string => fits(value, TEXT);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The members of a protocol that a report shows: numbers and texts. */
const plainMembers = (protocol: DeclaredProtocol): object =>
  Object.fromEntries(
    Object.entries(protocol).filter(
      ([name, value]: [string, unknown]) =>
        isText(name) && (Number.isInteger(value) || isText(value)),
    ),
  );

const literals = {
  IPv4: isIPv4,
  IPv6: isIPv6,
  unix: (address: string) => address !== '',
  tls: isIPv4,
};

/**
 * The part of a valid member that is kept, if not all of it; `undefined` if
 * the schema allows more than the runner accepts.
 */
const kept: Readonly<Record<string, (value: never) => unknown>> = {
  protocols: (protocols: DeclaredProtocol[]) => protocols.map(plainMembers),
  // The other agent connects to it and must not look up a name.
  address: ({ family, address, port }: WireAddress) =>
    literals[family](address) ? { family, address, port } : undefined,
};

/**
 * Checks a message of an agent, which is not trusted, against the schema.
 * Unknown members are ignored and not returned.
 *
 * @throws {AgentProtocolError}
 */
export function parseAgentMessage(value: unknown): AgentMessage {
  const type = isObject(value) ? value['type'] : undefined;
  const { agent } = protocolSchema().$defs;
  if (
    !isObject(value) ||
    typeof type !== 'string' ||
    !Object.hasOwn(agent, type)
  ) {
    const shown = isText(type) ? JSON.stringify(type) : typeof type;
    throw new AgentProtocolError(
      `the agent sent a message of the unknown type ${shown}`,
    );
  }
  if (type === 'hello' && value['protocol'] !== PROTOCOL) {
    throw new AgentProtocolError('the agent speaks another protocol');
  }
  // Another version may have other members, too.
  const version = value['version'];
  if (
    type === 'hello' &&
    Number.isInteger(version) &&
    version !== PROTOCOL_VERSION
  ) {
    throw new AgentProtocolError(
      `the agent speaks version ${String(version)} of the protocol, this ` +
        `runner version ${PROTOCOL_VERSION}: one of the two has to be of ` +
        'another release',
    );
  }
  const { properties, required } = agent[type]!;
  const message: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(properties)) {
    const found = value[name];
    if (found === undefined && !required.includes(name)) continue;
    const keep = kept[name] ?? ((all: unknown) => all);
    message[name] = fits(found, schema) ? keep(found as never) : undefined;
    if (message[name] === undefined) {
      throw new AgentProtocolError(
        `the agent's "${type}" has no usable member "${name}"`,
      );
    }
  }
  return message as unknown as AgentMessage;
}
