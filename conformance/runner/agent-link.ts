import type { MessageChannel } from '../protocol/channel.js';
import {
  PROTOCOL_VERSION,
  type AgentMessage,
  type BeginMessage,
  type EndMessage,
  type Hello,
  type IndicationMessage,
  type ResultMessage,
  type RunnerMessage,
  type StepMessage,
  type UnsupportedMessage,
} from '../protocol/messages.js';
import { parseAgentMessage } from '../protocol/parse.js';
import { within } from './limit.js';

export type Answer = ResultMessage | UnsupportedMessage;

/** Indications that an agent may send in one run. */
export const INDICATION_LIMIT = 10_000;

/** The agent is gone, or says what it must not. */
export class AgentLost extends Error {
  override readonly name = 'AgentLost';
}

/** What a message answers. */
const answers = { result: 'step', unsupported: 'step', ended: 'end' } as const;

interface Expected {
  /** What it answers. */
  to: 'step' | 'end';
  resolve: (message: AgentMessage) => void;
  reject: (error: Error) => void;
}

/** The runner's end of a conversation with an agent. */
export class AgentLink {
  readonly hello: Hello;
  onindication: ((message: IndicationMessage) => void) | undefined;
  /** Why nothing more can come, once that is so. */
  lost: string | undefined;

  readonly #channel: MessageChannel;
  readonly #expected = new Map<number, Expected>();
  #sequence = 0;
  /** In this run. */
  #indications = 0;

  private constructor(channel: MessageChannel, hello: Hello) {
    this.#channel = channel;
    this.hello = hello;
    channel.receiver = {
      message: (message) => {
        this.#receive(message);
      },
      closed: (why) => {
        this.#lose(why);
      },
    };
  }

  /**
   * Hears the agent out: who it is, and (with `admits`) whether its token lets
   * it speak.
   *
   * @throws {AgentLost} no hello within `limit` milliseconds, or none to use.
   */
  static async open(
    channel: MessageChannel,
    limit: number,
    admits: (token: string | undefined) => boolean = () => true,
  ): Promise<AgentLink> {
    const heard = new Promise<unknown>((resolve, reject) => {
      channel.receiver = {
        message: resolve,
        closed(why) {
          reject(new AgentLost(`no hello of the agent: ${why}`));
        },
      };
    });
    try {
      const message = parseAgentMessage(
        await within(heard, limit, 'the agent said no hello'),
      );
      if (message.type !== 'hello') {
        throw new AgentLost(`the agent began with "${message.type}"`);
      }
      if (!admits(message.token)) {
        throw new AgentLost('the token is wrong');
      }
      if (message.version !== PROTOCOL_VERSION) {
        throw new AgentLost(
          `the agent speaks version ${message.version} of the protocol, ` +
            `the runner ${PROTOCOL_VERSION}`,
        );
      }
      return new AgentLink(channel, message);
    } catch (error) {
      const why = (error as Error).message;
      channel.receiver = undefined;
      channel.send({ type: 'refused', why } satisfies RunnerMessage);
      channel.close();
      throw error instanceof AgentLost
        ? error
        : new AgentLost(why, { cause: error });
    }
  }

  begin(message: Omit<BeginMessage, 'type'>): void {
    this.#indications = 0;
    this.#channel.send({ type: 'begin', ...message });
  }

  request(step: Omit<StepMessage, 'type' | 'seq'>): Promise<Answer> {
    return this.#ask({ type: 'step', ...step }) as Promise<Answer>;
  }

  async end(): Promise<void> {
    await this.#ask({ type: 'end' });
  }

  close(): void {
    this.#channel.close();
  }

  #ask(
    message: Omit<StepMessage, 'seq'> | Omit<EndMessage, 'seq'>,
  ): Promise<AgentMessage> {
    if (this.lost !== undefined) {
      return Promise.reject(new AgentLost(this.lost));
    }
    const seq = (this.#sequence += 1);
    return new Promise((resolve, reject) => {
      this.#expected.set(seq, { to: message.type, resolve, reject });
      this.#channel.send({ ...message, seq });
    });
  }

  #receive(value: unknown): void {
    if (this.lost !== undefined) return;
    let message: AgentMessage;
    try {
      message = parseAgentMessage(value);
    } catch (error) {
      this.#reject((error as Error).message);
      return;
    }
    switch (message.type) {
      case 'indication':
        this.#indications += 1;
        if (this.#indications > INDICATION_LIMIT) {
          this.#reject(`more than ${INDICATION_LIMIT} indications in a run`);
        } else this.onindication?.(message);
        return;
      case 'hello':
        return;
      case 'result':
      case 'unsupported':
      case 'ended': {
        // One that nobody waits for is of a step that was given up.
        const expected = this.#expected.get(message.seq);
        if (!expected) return;
        if (expected.to !== answers[message.type]) {
          this.#reject(
            `the agent answered the ${expected.to} with "${message.type}"`,
          );
          return;
        }
        this.#expected.delete(message.seq);
        expected.resolve(message);
      }
    }
  }

  /** It says what it must not: it is heard no more. */
  #reject(why: string): void {
    this.#lose(why);
    this.#channel.close();
  }

  #lose(why: string): void {
    this.lost ??= why;
    for (const { reject } of this.#expected.values()) {
      reject(new AgentLost(why));
    }
    this.#expected.clear();
  }
}
