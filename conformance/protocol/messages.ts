// Made from agent-protocol.schema.json by `npm run conformance:protocol`.

export const PROTOCOL = 'goodbyte-agent';
export const PROTOCOL_VERSION = 1;

/** Characters of a text. */
export const NAME_LIMIT = 1024;

export interface WireAddress {
  family: 'IPv4' | 'IPv6' | 'unix' | 'tls';
  address: string;
  port: number;
}

export interface DeclaredProtocol {
  addressFamily: number;
  socketType: number;
  serviceFlags1: number;
}

export interface Hello {
  type: 'hello';
  protocol: 'goodbyte-agent';
  version: 1;
  /** Name and version of the agent. */
  agent: string;
  /** Its system, beginning with `win32` on Windows: Windows pipes and other systems' Unix sockets cannot connect. */
  system: string;
  /** The provider that it drives. */
  provider: string;
  /** The provider's protocols, as from WSAEnumProtocols: the numbers `addressFamily` (2, 23 or 1), `socketType` (1 or 5) and `serviceFlags1` (XP1_ bits). Reports also show other members that are numbers or texts. */
  protocols: DeclaredProtocol[];
  /** The calls that it knows. */
  calls: string[];
  /** Capabilities of a scenario's `requires` that the agent lacks and that have no service flag (`plainPeer`, `conditionalAccept`, `tls`, `limits`, `qos`, `wire`, `signs`, `codes`, `notices`): scenarios that require them are not run with it. */
  lacks?: string[];
  /** Over TCP only. */
  token?: string;
}

export interface ResultMessage {
  type: 'result';
  /** Of the step. */
  seq: number;
  error: string | null;
  /** The call's return value: 0, a number of octets, or −1. */
  return?: number;
  /** `null` and an empty text both mean no data. */
  data?: string | null;
  /** With WSAEFAULT: the octets that the buffer would need. */
  needed?: number;
  /** Of a receiving call on a message-oriented socket: the messages that were received whole. Without meaning on a stream. */
  messages?: string[];
  /** As the condition function received it. */
  callerData?: string | null;
  /** Received with the acceptance. */
  calleeData?: string | null;
  /** Received with the refusal. */
  rejectData?: string | null;
  /** How often the condition function was called. */
  conditionCalls?: number;
  /** The family of the caller's address. */
  callerFamily?: 'IPv4' | 'IPv6' | 'unix' | 'tls';
  /** The family of the called address. */
  calleeFamily?: 'IPv4' | 'IPv6' | 'unix' | 'tls';
  /** A quality of service: as the condition function received it, or as it came with FD_CONNECT. */
  sqos?: string | null;
  /** Of `plain.receive`: the octets, decoded as frames of the wire format. */
  frames?: string[];
  /** An option's value; of `WSARecv`: whether the message goes on. */
  value?: number | boolean | null;
  /** The number beside disconnect or reject data, or a notice's; of FD_CLOSE with an error, that of the peer's RESET; `null` or absent: no code. */
  code?: number | null;
  /** Of a refusal: whether the caller may call again without harm. */
  mayRepeat?: boolean | null;
  /** Of `plain.connect` and `plain.accept` with TLS: the agreed name. */
  alpn?: string | null;
  /** Where a listening socket listens. */
  address?: WireAddress;
}

export interface UnsupportedMessage {
  type: 'unsupported';
  /** Of the step. */
  seq: number;
  /** For people. */
  what: string;
}

export interface IndicationMessage {
  type: 'indication';
  /** The socket's name in the run. */
  socket: string;
  event: 'FD_CONNECT' | 'FD_ACCEPT' | 'FD_READ' | 'FD_WRITE' | 'FD_CLOSE';
  /** The indication's own error. */
  error: string | null;
}

export interface EndedMessage {
  type: 'ended';
  /** Of the `end`. */
  seq: number;
}

export interface BeginMessage {
  type: 'begin';
  /** The case's name, for the agent's log. */
  run: string;
  /** Of the sockets to create. */
  family: 'IPv4' | 'IPv6' | 'unix' | 'tls';
  /** SOCK_STREAM or SOCK_SEQPACKET. */
  socketType: 'stream' | 'message';
}

export interface StepMessage {
  type: 'step';
  /** Numbers the steps and ends of a conversation. */
  seq: number;
  /** The step's id, for the agent's log. */
  step: string;
  /** Steps of one lane are executed in their order (§8). */
  lane?: string;
  /** One of the calls. */
  call: string;
  /** The call's parameters. */
  with: Record<string, unknown>;
}

export interface EndMessage {
  type: 'end';
  /** As in `step`. */
  seq: number;
}

export interface RefusedMessage {
  type: 'refused';
  /** For people. */
  why: string;
}

/** The result of a call. */
export type StepResult = Omit<ResultMessage, 'type' | 'seq'>;

export type AgentMessage =
  Hello | ResultMessage | UnsupportedMessage | IndicationMessage | EndedMessage;

export type RunnerMessage =
  BeginMessage | StepMessage | EndMessage | RefusedMessage;
