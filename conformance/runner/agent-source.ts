import type { AgentOptions } from '../agent/agent.js';
import { serveAgent } from '../agent/agent.js';
import { memoryChannels } from '../protocol/channel.js';
import { AgentLink } from './agent-link.js';

/** Where agents of one side come from. */
export interface AgentSource {
  /** For the report: `in-process`, or a command line. */
  readonly description: string;
  /** A new agent. */
  start(limit: number): Promise<AgentLink>;
  /** Ends the agents that it started. */
  stop(): Promise<void>;
}

/** Agents of our own, in this process. */
export function inProcessAgent(options: AgentOptions = {}): AgentSource {
  const served: Promise<unknown>[] = [];
  const links: AgentLink[] = [];
  return {
    description: 'in-process',
    async start(limit) {
      const [ours, theirs] = memoryChannels();
      const opening = AgentLink.open(ours, limit);
      served.push(serveAgent(theirs, options));
      const link = await opening;
      links.push(link);
      return link;
    },
    async stop() {
      for (const link of links.splice(0)) link.close();
      await Promise.all(served.splice(0));
    },
  };
}

/** The one agent of a side that is in use, replaced when it is lost. */
export class Seat {
  readonly source: AgentSource;
  readonly #limit: number;
  #link: AgentLink | undefined;

  constructor(source: AgentSource, limit: number) {
    this.source = source;
    this.#limit = limit;
  }

  async link(): Promise<AgentLink> {
    if (!this.#link || this.#link.lost !== undefined) {
      this.#link = await this.source.start(this.#limit);
    }
    return this.#link;
  }

  /** The agent in use can't be trusted any more. */
  async replace(): Promise<void> {
    this.#link = undefined;
    await this.source.stop();
  }
}
