import type { WinsockErrorName } from '../../src/vocabulary/error-codes.js';
import type { VectorQuery } from './vectors.js';

/** The agent that executes a step. `peer` is the runner's own plain, unframed end. */
export type Role = 'client' | 'server' | 'peer';

export type Level = 'MUST' | 'SHOULD' | 'MAY';

export type VerdictLevel =
  'OK' | 'NON-STRICT' | 'INFORMATIONAL' | 'UNIMPLEMENTED' | 'FAILED';

export type Phase = 'data' | 'teardown';

/** `tls`: TLS over TCP over IPv4. */
export type Family = 'IPv4' | 'IPv6' | 'unix' | 'tls';

export type SocketType = 'stream' | 'message';

export type Capability =
  | 'connectData'
  | 'disconnectData'
  | 'gracefulClose'
  | 'messageOriented'
  | 'conditionalAccept'
  | 'plainPeer'
  | 'ipv6'
  | 'unix'
  | 'tls'
  | 'options'
  | 'limits'
  | 'qos'
  | 'wire'
  | 'signs'
  | 'codes'
  | 'notices';

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

/** The required result of a step; an absent member is not checked. */
export interface Expectation {
  /** `null`: success. Absent: success too, unless `error` is `"any"`. */
  error?: WinsockErrorName | 'WSA_WAIT_TIMEOUT' | 'any' | null;
  return?: number;
  data?: DataSpec | null;
  /** Octets that WSARecvDisconnect requires. */
  needed?: number;
  messages?: DataSpec[];
  callerData?: DataSpec | null;
  calleeData?: DataSpec | null;
  rejectData?: DataSpec | null;
  /** The number of calls of the condition function by this step. */
  conditionCalls?: number;
  callerFamily?: Family;
  calleeFamily?: Family;
  /** The quality of service, in the wire format. */
  sqos?: DataSpec | null;
  /** Frames that a raw peer received: `callee 1-1`, `ACCEPT`, `RESET 10054 …`. */
  frames?: string[];
  value?: number | boolean | null;
  /** The number beside disconnect or reject data, a notice's or RESET's. */
  code?: number | null;
  /** The hint of a refusal. */
  mayRepeat?: boolean | null;
  /** The agreed ALPN name of a raw peer's TLS. */
  alpn?: string | null;
}

/** A known other outcome, and its verdict. */
export interface Alternative {
  verdict: Exclude<VerdictLevel, 'OK'>;
  expect: Expectation;
  why: string;
}

export interface Step {
  id: string;
  agent: Role;
  /** Steps of one agent in one lane run in the order of the file. */
  lane?: string;
  call: string;
  with?: Record<string, unknown>;
  phase?: Phase;
  /** The sentence that this step checks, if not the scenario's. */
  clause?: Clause;
  /** Ids of clauses that it checks beside the scenario's. */
  clauses?: string[];
  /** Only cases with one of these values have it. */
  only?: Record<string, (string | number)[]>;
  expect?: Expectation;
  or?: Alternative[];
  /** Steps that come before it in every forced order. */
  after?: string[];
  /** Steps that come before it in a free run as well. */
  needs?: string[];
  /** A sentence for the reader. */
  note?: string;
}

/** The number of an indication at a socket, in the whole run. */
export interface IndicationCount {
  agent: Role;
  socket: string;
  event: string;
  count: number;
  phase?: Phase;
  /** Only cases with one of these values count it. */
  only?: Record<string, (string | number)[]>;
}

export type Parameters = Record<string, string | number>;

/** The values that a parameter takes. */
export type Dimension =
  | (string | number)[]
  | { vectors: VectorQuery }
  /** Each number of octets at which a vector can be cut. */
  | { cuts: string; above?: number; below?: number };

export interface Scenario {
  $schema?: string;
  id: string;
  title: string;
  clause: Clause;
  /** Ids of all clauses that it checks, its steps' among them. */
  clauses?: string[];
  level: Level;
  requires: Capability[];
  socketType?: SocketType;
  /** Supported families; all three if absent. */
  families?: Family[];
  /** Families of a run without `--family`; IPv4 if absent. */
  defaultFamilies?: Family[];
  /** The close indication that step 2 of the eight waits for. */
  indication?: string;
  /** Values for `{"parameter": name}`; every combination is a case. */
  matrix?: Record<string, Dimension>;
  /** Combinations without a case. */
  except?: Record<string, (string | number)[]>[];
  /** The steps run in the order of the file, and in no other. */
  sequential?: boolean;
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
  parameters: Parameters;
  steps: Step[];
}
