import type { ProtocolInfo } from '../../src/vocabulary/protocol-info.js';
import type {
  Capability,
  DataSpec,
  Family,
  SocketType,
} from '../scenario/types.js';

/**
 * The agent protocol: what runner and agent say to each other, one JSON value
 * a line. docs/agent-protocol.md specifies it.
 */
export const PROTOCOL = 'goodbyte-agent';
export const PROTOCOL_VERSION = 1;

/** Octets of one line; a longer one ends the conversation. */
export const LINE_LIMIT = 8 * 1024 * 1024;

/** Octets of a line until the agent is known: its hello. */
export const HELLO_LIMIT = 256 * 1024;

/** Characters of a name, an error or a description. */
export const NAME_LIMIT = 1024;

/** An address as it goes between agents. */
export interface WireAddress {
  family: Family;
  address: string;
  port: number;
}

/** The agent's first message. */
export interface Hello {
  type: 'hello';
  protocol: typeof PROTOCOL;
  version: number;
  /** Name and version of the agent. */
  agent: string;
  /** Its system and runtime, for the report. */
  system: string;
  /** The provider that it drives. */
  provider: string;
  /** The provider's entries of WSAEnumProtocols. */
  protocols: ProtocolInfo[];
  /** Calls that it knows. */
  calls: string[];
  /** Capabilities that it has not, and for which there is no service flag. */
  lacks?: Capability[];
  /** Only where it connects back to the runner. */
  token?: string;
}

export interface BeginMessage {
  type: 'begin';
  run: string;
  family: Family;
  socketType: SocketType;
}

export interface StepMessage {
  type: 'step';
  /** Counts the steps of the conversation; the answer repeats it. */
  seq: number;
  /** The step's id, for the agent's own log. */
  step: string;
  lane?: string;
  call: string;
  with: Record<string, unknown>;
}

export interface EndMessage {
  type: 'end';
  seq: number;
}

export interface RefusedMessage {
  type: 'refused';
  why: string;
}

export type RunnerMessage =
  BeginMessage | StepMessage | EndMessage | RefusedMessage;

/** The result of a call. Octets are in hex. */
export interface StepResult {
  /** `null`: success. Otherwise Winsock's name, or WSA_WAIT_TIMEOUT. */
  error: string | null;
  return?: number;
  data?: string | null;
  needed?: number;
  messages?: string[];
  callerData?: string | null;
  calleeData?: string | null;
  rejectData?: string | null;
  conditionCalls?: number;
  callerFamily?: Family;
  calleeFamily?: Family;
  /** The quality of service, as the wire format has it. */
  sqos?: string | null;
  /** Frames that a raw peer received. */
  frames?: string[];
  value?: number | boolean | null;
  /** A number of the application's that came beside data. */
  code?: number | null;
  mayRepeat?: boolean | null;
  /** What a raw peer's TLS has agreed on by ALPN. */
  alpn?: string | null;
  address?: WireAddress;
}

export interface ResultMessage extends StepResult {
  type: 'result';
  seq: number;
}

export interface UnsupportedMessage {
  type: 'unsupported';
  seq: number;
  what: string;
}

export interface IndicationMessage {
  type: 'indication';
  socket: string;
  event: string;
  error: string | null;
}

export interface EndedMessage {
  type: 'ended';
  seq: number;
}

export type AgentMessage =
  Hello | ResultMessage | UnsupportedMessage | IndicationMessage | EndedMessage;

export type { DataSpec };
