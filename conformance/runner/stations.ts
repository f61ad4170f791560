import { availableParallelism } from 'node:os';
import type { Hello } from '../protocol/messages.js';
import type { Role } from '../scenario/types.js';
import type { AgentSource } from './agent-source.js';
import type { PlannedRun } from './plan.js';
import type { AgentDescription, RunResult } from './result.js';
import { Station, withPeer, type Limits, type Sources } from './station.js';

export interface StationsOptions {
  client: AgentSource;
  server: AgentSource;
  /** Milliseconds for each step; 10,000 if absent. */
  timeout?: number | undefined;
  /**
   * Milliseconds for an agent's hello; as for a step if absent, at least
   * 30,000.
   */
  startTimeout?: number | undefined;
  /** Runs side by side, each with its own agents; 1 if absent. */
  jobs?: number | undefined;
}

export const DEFAULT_TIMEOUT = 10_000;

/** A start is slow through ssh, in an emulator, or on a busy machine. */
const START_TIMEOUT = 30_000;

/** Runs for which starting another pair of agents pays. */
const RUNS_PER_PAIR = 8;

/**
 * The default number of runs side by side: two for each processor, since a run
 * mostly waits, and at most eight.
 */
export function jobsFor(runs: number): number {
  const useful = Math.ceil(runs / RUNS_PER_PAIR);
  return Math.max(1, Math.min(2 * availableParallelism(), 8, useful));
}

/** Stations, made when one is needed and none is free, up to a bound. */
export class Stations {
  readonly #sources: Sources;
  readonly #limits: Limits;
  readonly #most: number;
  readonly #free: Station[] = [];
  readonly #waiting: ((station: Station) => void)[] = [];
  readonly #hellos = new Map<Role, Hello>();
  #made = 0;

  constructor(options: StationsOptions) {
    const { client, server, timeout = DEFAULT_TIMEOUT, jobs = 1 } = options;
    const { startTimeout = Math.max(timeout, START_TIMEOUT) } = options;
    this.#sources = withPeer(client, server);
    this.#limits = { step: timeout, hello: startTimeout };
    this.#most = Math.min(jobs, client.most ?? jobs, server.most ?? jobs);
  }

  /**
   * Runs at its own station, once one is free.
   *
   * @throws {AgentLost} an agent cannot be started.
   */
  async run(planned: PlannedRun): Promise<RunResult> {
    const station = await this.#take();
    try {
      return await station.run(planned);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(station);
      else this.#free.push(station);
    }
  }

  /** The agent in the role; `null` if no run has needed it. */
  describe(role: Role): AgentDescription | null {
    const hello = this.#hellos.get(role);
    if (!hello) return null;
    const { description } = this.#sources[role];
    const { agent, system, provider, protocols } = hello;
    return { description, agent, system, provider, protocols };
  }

  /** Ends all agents. */
  async stop(): Promise<void> {
    await Promise.all(
      Object.values(this.#sources).map((source) => source.stop()),
    );
  }

  async #take(): Promise<Station> {
    const free = this.#free.pop();
    if (free) return free;
    if (this.#made >= this.#most) {
      return await new Promise((resolve) => this.#waiting.push(resolve));
    }
    this.#made += 1;
    return new Station(this.#sources, this.#limits, (role, hello) => {
      if (!this.#hellos.has(role)) this.#hellos.set(role, hello);
    });
  }
}
