import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { AF_INET6 } from '../../src/vocabulary/constants.js';
import type { ProtocolInfo } from '../../src/vocabulary/protocol-info.js';
import type { Provider } from '../../src/provider/provider.js';
import { selectProvider } from '../../src/provider/select.js';
import { runtimeName } from '../../src/runtime.js';
import { packageFile } from '../package-file.js';
import type { MessageChannel } from '../protocol/channel.js';
import {
  NAME_LIMIT,
  PROTOCOL,
  PROTOCOL_VERSION,
  type AgentMessage,
  type BeginMessage,
  type Hello,
  type RunnerMessage,
  type StepMessage,
  type StepResult,
} from '../protocol/messages.js';
import { callTable, parametersOf } from './call-table.js';
import { hostsOf, type Hosts } from './hosts.js';
import { libraryCalls, type Calls } from './calls.js';
import type { Capability, Family } from '../scenario/types.js';
import { addressFamily, Run, Unsupported } from './run.js';

export interface AgentOptions {
  /** `auto`, or a provider's name. */
  provider?: string | undefined;
  /** The calls to make, if not the library's. */
  calls?: Calls | undefined;
  /** Calls to answer with "unsupported". */
  without?: readonly string[] | undefined;
  /** Calls that never return. */
  hanging?: readonly string[] | undefined;
  /** Declared instead of the provider's protocols. */
  protocols?: readonly ProtocolInfo[] | undefined;
  /** Reported as lacking instead of the provider's own. */
  lacks?: readonly Capability[] | undefined;
  token?: string | undefined;
  /** The listening addresses; GOODBYTE_AGENT_HOST's if absent. */
  hosts?: Hosts | undefined;
}

/** The version in this package's package.json. */
export function packageVersion(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Capabilities that a provider lacks and that have no service flag. */
function lacksOf({ framing, conditionalAccept }: Provider): Capability[] {
  return [
    ...(framing
      ? []
      : ([
          'plainPeer',
          'wire',
          'signs',
          'codes',
          'notices',
          'tls',
          'limits',
          'qos',
        ] as const)),
    ...(conditionalAccept ? [] : (['conditionalAccept'] as const)),
  ];
}

let withIPv6: boolean | undefined;

/** Asked once: Windows takes milliseconds to list its interfaces. */
function hasIPv6(): boolean {
  withIPv6 ??= Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ family }) => family === 'IPv6'),
  );
  return withIPv6;
}

/** Executes a runner's steps, and reports their results. */
class Agent {
  readonly #channel: MessageChannel;
  readonly #calls: Calls;
  readonly #known: ReadonlySet<string>;
  readonly #hanging: ReadonlySet<string>;
  readonly #protocols: readonly ProtocolInfo[];
  readonly #hosts: Hosts;
  #run: Run | undefined;
  #lanes = new Map<string, Promise<void>>();

  constructor(channel: MessageChannel, options: AgentOptions) {
    const { calls = libraryCalls, provider: name, without = [] } = options;
    const provider = selectProvider(name);
    this.#channel = channel;
    this.#calls = calls;
    this.#hanging = new Set(options.hanging);
    this.#known = new Set(
      Object.keys(callTable).filter((call) => !without.includes(call)),
    );
    this.#hosts = options.hosts ?? hostsOf(process.env['GOODBYTE_AGENT_HOST']);
    const listening = new Set(
      Object.keys(this.#hosts).map((family) => addressFamily(family as Family)),
    );
    this.#protocols = (options.protocols ?? provider.protocols).filter(
      (one) =>
        listening.has(one.addressFamily) &&
        (one.addressFamily !== AF_INET6 || hasIPv6()),
    );
    const hello: Hello = {
      type: 'hello',
      protocol: PROTOCOL,
      version: PROTOCOL_VERSION,
      agent: `goodbyte ${packageVersion()}`,
      system: `${process.platform} ${process.arch}, ${runtimeName(process.versions)}`,
      provider: provider.name,
      protocols: [...this.#protocols],
      calls: [...this.#known],
      lacks: [...(options.lacks ?? lacksOf(provider))],
      ...(options.token !== undefined && { token: options.token }),
    };
    channel.send(hello);
  }

  receive(message: RunnerMessage): void {
    switch (message.type) {
      case 'begin':
        this.#begin(message);
        return;
      case 'step':
        this.#enqueue(message);
        return;
      case 'end':
        this.stop();
        this.#tell({ type: 'ended', seq: message.seq });
        return;
      case 'refused':
        this.#channel.close();
        return;
      default:
    }
  }

  stop(): void {
    this.#run?.end();
    this.#run = undefined;
  }

  #tell(message: AgentMessage): void {
    this.#channel.send(message);
  }

  #begin(message: BeginMessage): void {
    this.stop();
    this.#lanes = new Map();
    this.#run = new Run(
      message,
      this.#protocols,
      this.#calls,
      this.#hosts,
      (socket, indication) => {
        this.#tell({ type: 'indication', socket, ...indication });
      },
    );
  }

  /** Steps of one lane are executed one after the other. */
  #enqueue(message: StepMessage): void {
    const run = this.#run;
    if (!run) return;
    const lane = message.lane ?? '';
    const before = this.#lanes.get(lane) ?? Promise.resolve();
    this.#lanes.set(
      lane,
      before.then(() => this.#execute(run, message)),
    );
  }

  async #execute(
    run: Run,
    { seq, call, with: given }: StepMessage,
  ): Promise<void> {
    if (!run.alive) return;
    let result: StepResult;
    try {
      if (!this.#known.has(call)) throw new Unsupported(call);
      const perform = callTable[call]!;
      const takes = parametersOf(call);
      const unknown = Object.keys(given).find((name) => !takes.includes(name));
      if (unknown !== undefined) throw new Unsupported(`${call}: ${unknown}`);
      if (this.#hanging.has(call)) return await new Promise(() => {});
      result = await perform(run, given);
    } catch (error) {
      if (!run.alive) return;
      if (error instanceof Unsupported) {
        this.#tell({ type: 'unsupported', seq, what: error.message });
        return;
      }
      result = {
        error: `THREW ${(error as Error).message}`
          .replaceAll(/\p{Cc}+/gu, ' ')
          .slice(0, NAME_LIMIT),
      };
    }
    if (run.alive) this.#tell({ type: 'result', seq, ...result });
  }
}

/** Serves a runner; resolves when the conversation is over. */
export function serveAgent(
  channel: MessageChannel,
  options: AgentOptions = {},
): Promise<string> {
  return new Promise((resolve) => {
    // Nothing is read until there is an agent.
    const agent = new Agent(channel, options);
    channel.receiver = {
      message(message) {
        agent.receive(message as RunnerMessage);
      },
      closed(why) {
        agent.stop();
        resolve(why);
      },
    };
  });
}
