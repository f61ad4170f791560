import type { WinsockErrorName } from '../../src/vocabulary/error-codes.js';

/** Who executes a step. `peer` is the runner's own plain, unframed end. */
export type Role = 'client' | 'server' | 'peer';

export type Level = 'MUST' | 'SHOULD' | 'MAY';

export type VerdictLevel =
  'OK' | 'NON-STRICT' | 'INFORMATIONAL' | 'UNIMPLEMENTED' | 'FAILED';

export type Phase = 'data' | 'teardown';

export type Family = 'IPv4' | 'IPv6' | 'unix';

export type SocketType = 'stream' | 'message';

export type Capability =
  | 'connectData'
  | 'disconnectData'
  | 'gracefulClose'
  | 'messageOriented'
  | 'conditionalAccept'
  | 'plainPeer'
  | 'ipv6'
  | 'unix';

/** A sentence of a document that a scenario checks. */
export interface Clause {
  source: string;
  section: string;
  sentence: string;
}

/** Octets, as scenarios and the agent protocol write them. */
export type DataSpec =
  | { hex: string }
  | { utf8: string }
  | { repeat: string; length: number }
  | { octets: 'all'; length: number }
  | { stored: string };

/** What the result of a step has to be; a member that is absent is free. */
export interface Expectation {
  /** `null`: success. Absent: success too, unless `error` is `"any"`. */
  error?: WinsockErrorName | 'WSA_WAIT_TIMEOUT' | 'any' | null;
  return?: number;
  data?: DataSpec | null;
  /** Octets that WSARecvDisconnect says it needs. */
  needed?: number;
  messages?: DataSpec[];
  callerData?: DataSpec | null;
  calleeData?: DataSpec | null;
  rejectData?: DataSpec | null;
  /** How often the condition function was called by this step. */
  conditionCalls?: number;
  callerFamily?: Family;
  value?: number | boolean | null;
}

/** Another outcome that is known, and what it counts as. */
export interface Alternative {
  verdict: Exclude<VerdictLevel, 'OK'>;
  expect: Expectation;
  why: string;
}

export interface Step {
  id: string;
  agent: Role;
  /** Steps of one agent in one lane come in the order of the file. */
  lane?: string;
  call: string;
  with?: Record<string, unknown>;
  phase?: Phase;
  /** The sentence that this step checks, if not the scenario's. */
  clause?: Clause;
  expect?: Expectation;
  or?: Alternative[];
  /** Steps that come before it in every forced order. */
  after?: string[];
  /** Steps that come before it in a free run as well. */
  needs?: string[];
  /** A sentence for the reader. */
  note?: string;
}

/** How often an indication comes at a socket, in the whole run. */
export interface IndicationCount {
  agent: Role;
  socket: string;
  event: string;
  count: number;
  phase?: Phase;
}

export interface Scenario {
  $schema?: string;
  id: string;
  title: string;
  clause: Clause;
  level: Level;
  requires: Capability[];
  socketType?: SocketType;
  /** What it runs on at all; all three if absent. */
  families?: Family[];
  /** What it runs on if nothing else is asked for; IPv4 if absent. */
  defaultFamilies?: Family[];
  /** What step 2 of the eight takes for its close indication. */
  indication?: string;
  /** Values for `{"parameter": name}`; every combination is a case. */
  matrix?: Record<string, (string | number)[]>;
  steps: Step[];
  indications?: IndicationCount[];
}

/** A scenario with its parameters filled in, on one family. */
export interface Case {
  scenario: Scenario;
  /** The scenario's id, with the parameters in brackets if it has any. */
  name: string;
  family: Family;
  socketType: SocketType;
  parameters: Record<string, string | number>;
  steps: Step[];
}
