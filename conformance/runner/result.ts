import type { Hello } from '../protocol/messages.js';
import type {
  Family,
  Level,
  SocketType,
  VerdictLevel,
} from '../scenario/types.js';
import type { TranscriptEntry } from './transcript.js';
import type { Finding } from './verdict.js';

/** Identifies a run within a plan. */
export interface RunName {
  /** The case: the scenario's id, and its parameters in brackets. */
  id: string;
  family: Family;
  /** The steps whose order varies, as this run has them; '' with one order. */
  order: string;
  /** From 1 on; above 1 only if runs are repeated. */
  repetition: number;
}

/** The result of one run of one case. */
export interface RunResult extends RunName {
  scenario: string;
  title: string;
  level: Level;
  socketType: SocketType;
  parameters: Record<string, string | number>;
  /** `forced`: in one of the orders; `free`: in the agents' own order. */
  mode: 'forced' | 'free';
  indication: string | null;
  /** The graver one of the two. */
  verdict: VerdictLevel;
  data: VerdictLevel | null;
  teardown: VerdictLevel | null;
  milliseconds: number;
  findings: Finding[];
  warnings: string[];
  transcript: TranscriptEntry[];
}

export interface AgentDescription {
  description: string;
  agent: string;
  system: string;
  provider: string;
  protocols: Hello['protocols'];
}

/**
 * A suite that ended before its last run: the reason, and the runs not done.
 */
export interface Broken {
  why: string;
  /** In the order of the plan. */
  notRun: RunName[];
}

/** The result of a suite. */
export interface SuiteResult {
  client: AgentDescription | null;
  server: AgentDescription | null;
  /** In the order of the plan, however they ran. */
  runs: RunResult[];
  milliseconds: number;
  seed: number;
  /** Cases of which not every order was forced. */
  sampled: string[];
  /** Absent if the suite completed. */
  broken?: Broken;
}
