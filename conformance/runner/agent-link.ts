import type { Closing, MessageChannel } from '../protocol/channel.js';
import {
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
import { TimedOut, within } from './limit.js';

export type Answer = ResultMessage | UnsupportedMessage;

/** Indications that an agent may send in one run. */
export const INDICATION_LIMIT = 10_000;

/** The agent is gone, or has broken the protocol. */
export class AgentLost extends Error {
  override readonly name = 'AgentLost';
}

/** The agent ended before its hello: the end of its process explains more. */
export class AgentGone extends AgentLost {}

/** An agent's process, if the runner started it. */
export interface AgentProcess {
  /** Resolves once it has ended, with its exit and the end of its stderr. */
  readonly ended: Promise<string>;
  /** The end of its stderr so far; '' if it is empty. */
  said(): string;
}

/** Milliseconds for a process to exit after its output has ended. */
export const END_LIMIT = 2000;

/** The request that each message answers. */
const answers = { result: 'step', unsupported: 'step', ended: 'end' } as const;

interface Expected {
  /** The kind of request. */
  to: 'step' | 'end';
  resolve: (message: AgentMessage) => void;
  reject: (error: Error) => void;
}

/** The runner's end of a conversation with an agent. */
export class AgentLink {
  readonly hello: Hello;
  onindication: ((message: IndicationMessage) => void) | undefined;
  /** The reason that nothing more can arrive; absent until then. */
  lost: string | undefined;
  /** Absent if the runner did not start it. */
  process: AgentProcess | undefined;

  readonly #channel: MessageChannel;
  readonly #expected = new Map<number, Expected>();
  #sequence = 0;
  /** It ended by itself. */
  #gone = false;
  /** In this run. */
  #indications = 0;

  private constructor(channel: MessageChannel, hello: Hello) {
    this.#channel = channel;
    this.hello = hello;
    channel.receiver = {
      message: (message) => {
        this.#receive(message);
      },
      closed: (why, how) => {
        this.#lose(why, how);
      },
    };
  }

  /**
   * Waits for the agent's hello, and checks its token with `admits`.
   *
   * @throws {AgentLost} no hello within `limit` milliseconds, or not a usable
   *   one.
   */
  static async open(
    channel: MessageChannel,
    limit: number,
    admits: (token: string | undefined) => boolean = () => true,
  ): Promise<AgentLink> {
    const heard = new Promise<unknown>((resolve, reject) => {
      channel.receiver = {
        message: resolve,
        closed(why, how) {
          const Lost = how === 'gone' ? AgentGone : AgentLost;
          reject(new Lost(`no hello of the agent: ${why}${adviceOn(how)}`));
        },
      };
    });
    try {
      const value = await within(heard, limit, 'the agent said no hello');
      if (!admits(tokenOf(value))) throw new AgentLost('the token is wrong');
      const message = parseAgentMessage(value);
      if (message.type !== 'hello') {
        throw new AgentLost(`the agent began with "${message.type}"`);
      }
      return new AgentLink(channel, message);
    } catch (error) {
      const why = (error as Error).message + unheard(error, channel);
      channel.receiver = undefined;
      channel.send({ type: 'refused', why } satisfies RunnerMessage);
      channel.close();
      throw error instanceof AgentLost
        ? error
        : new AgentLost(why, { cause: error });
    }
  }

  /**
   * The reason for the loss: how its process ended, if that is known or soon
   * will be, and the end of its stderr.
   */
  async obituary(): Promise<string> {
    const { lost = 'closed', process } = this;
    if (!process) return lost;
    if (!this.#gone) return withStderr(lost, process);
    return await within(process.ended, END_LIMIT, 'still there').catch(() =>
      withStderr(`${lost}, and its process is still there`, process),
    );
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
        // An unexpected answer belongs to a step that was given up.
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

  /** It has broken the protocol: its messages are ignored from now on. */
  #reject(why: string): void {
    this.#lose(why, 'garbled');
    this.#channel.close();
  }

  #lose(why: string, how: Closing): void {
    if (this.lost === undefined) {
      this.lost = why;
      this.#gone = how === 'gone';
    }
    for (const { reject } of this.#expected.values()) {
      reject(new AgentLost(why));
    }
    this.#expected.clear();
  }
}

/** A text, followed by the end of an agent's stderr. */
export function withStderr(text: string, process: AgentProcess): string {
  const last = process.said();
  return text.endsWith(last) ? text : `${text}:\n${last}`;
}

const adviceOn = (how: Closing): string =>
  how === 'garbled'
    ? '. Its first line of stdout has to be its hello: if this is the banner ' +
      "of ssh or of a shell's start-up file, have it written to stderr, or " +
      'for interactive shells only'
    : '';

/** Likely reasons for a running agent's silence. */
function unheard(error: unknown, channel: MessageChannel): string {
  if (!(error instanceof TimedOut)) return '';
  return channel.unfinished === undefined
    ? ': it has to write one to its stdout, and to flush it'
    : `: its line does not end: ${JSON.stringify(channel.unfinished)}`;
}

/** The token of a hello, whatever else it contains. */
function tokenOf(value: unknown): string | undefined {
  const { token } = (value ?? {}) as { token?: unknown };
  return typeof token === 'string' ? token : undefined;
}
