import type { AgentOptions } from '../agent/agent.js';
import { serveAgent } from '../agent/agent.js';
import { memoryChannels } from '../protocol/channel.js';
import { AgentLink } from './agent-link.js';

/** An agent that has said hello. */
export interface StartedAgent {
  readonly link: AgentLink;
  /** Ends it, and resolves when it is gone. */
  stop(): Promise<void>;
}

/** The source of one side's agents. */
export interface AgentSource {
  /** For the report: `in-process`, or a command line. */
  readonly description: string;
  /** Most agents at a time; no limit if absent. */
  readonly most?: number | undefined;
  /** A new agent. Several may be started at once. */
  start(limit: number): Promise<StartedAgent>;
  /** Ends the agents that it started, and releases its resources. */
  stop(): Promise<void>;
}

/** Our own agents, in this process. */
export function inProcessAgent(options: AgentOptions = {}): AgentSource {
  const agents = new Set<StartedAgent>();
  return {
    description: 'in-process',
    async start(limit) {
      const [ours, theirs] = memoryChannels();
      const opening = AgentLink.open(ours, limit);
      const served = serveAgent(theirs, options);
      const link = await opening;
      const agent: StartedAgent = {
        link,
        async stop() {
          link.close();
          await served;
          agents.delete(agent);
        },
      };
      agents.add(agent);
      return agent;
    },
    async stop() {
      await Promise.all(Array.from(agents, (agent) => agent.stop()));
    },
  };
}

/** The one agent of a side that is in use, replaced when it is lost. */
export class Seat {
  readonly #source: AgentSource;
  /** Milliseconds for an agent's hello. */
  readonly #limit: number;
  #agent: StartedAgent | undefined;

  constructor(source: AgentSource, limit: number) {
    this.#source = source;
    this.#limit = limit;
  }

  async link(): Promise<AgentLink> {
    if (this.#agent && this.#agent.link.lost !== undefined) {
      await this.replace();
    }
    this.#agent ??= await this.#source.start(this.#limit);
    return this.#agent.link;
  }

  /** The agent in use can't be trusted any more. */
  async replace(): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    await agent?.stop();
  }
}
