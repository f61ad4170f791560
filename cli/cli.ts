import { packageVersion } from '../conformance/agent/agent.js';
import { ExitCode } from '../conformance/report/summary.js';
import { plain } from '../conformance/report/text.js';
import { providers } from '../src/provider/select.js';
import { helpTexts } from './help.js';
import type { Io } from './io.js';
import { didYouMean } from './near.js';
import { UsageError } from './usage-error.js';

type Command = (args: readonly string[], io: Io) => number | Promise<number>;

interface Entry {
  /** Loads it on demand: an agent starts without the code of reports. */
  load: () => Promise<Command>;
  help: string;
}

const commands: Record<string, Entry | Record<string, Entry>> = {
  connect: {
    load: async () =>
      (await import('./everyday/connect-command.js')).connectCommand,
    help: helpTexts.connect,
  },
  listen: {
    load: async () =>
      (await import('./everyday/listen-command.js')).listenCommand,
    help: helpTexts.listen,
  },
  proxy: {
    load: async () =>
      (await import('./everyday/proxy-command.js')).proxyCommand,
    help: helpTexts.proxy,
  },
  probe: {
    load: async () =>
      (await import('./everyday/probe-command.js')).probeCommand,
    help: helpTexts.probe,
  },
  conformance: {
    run: {
      load: async () => (await import('./run-command.js')).runCommand,
      help: helpTexts.run,
    },
    list: {
      load: async () => (await import('./list-command.js')).listCommand,
      help: helpTexts.list,
    },
    agent: {
      load: async () => (await import('./agent-command.js')).agentCommand,
      help: helpTexts.agent,
    },
    merge: {
      load: async () => (await import('./merge-command.js')).mergeCommand,
      help: helpTexts.merge,
    },
    diff: {
      load: async () => (await import('./diff-command.js')).diffCommand,
      help: helpTexts.diff,
    },
  },
  completion: {
    load: async () =>
      (await import('./completion-command.js')).completionCommand,
    help: helpTexts.completion,
  },
  info: {
    load: async () => (await import('./info-command.js')).infoCommand,
    help: helpTexts.info,
  },
  providers: {
    list: {
      load: async () =>
        (await import('./providers-command.js')).providersCommand,
      help: helpTexts.providers,
    },
    measure: {
      load: async () => (await import('./providers-command.js')).measureCommand,
      help: helpTexts.measure,
    },
  },
};

const isHelp = (argument: string | undefined): boolean =>
  argument === '--help' || argument === '-h';

const isEntry = (found: object): found is Entry => 'load' in found;

/** Whether the name stands before commands, as `conformance` does. */
const isFamily = (name: string | undefined): boolean =>
  Object.hasOwn(commands, name!) && !isEntry(commands[name!]!);

const quoted = (names: readonly string[]): string =>
  names.map((name) => `"${name}"`).join(', ');

/** Finds the command that the arguments begin with. */
function findCommand(args: readonly string[]): {
  entry: Entry;
  rest: readonly string[];
} {
  const [name, ...rest] = args;
  const found = Object.hasOwn(commands, name!) ? commands[name!] : undefined;
  if (!found) {
    throw new UsageError(
      `unknown command "${name}"` +
        (didYouMean(name!, [...Object.keys(commands), 'help']) ||
          `; the commands are ${quoted(Object.keys(commands))}`),
    );
  }
  if (isEntry(found)) return { entry: found, rest };
  const [below] = rest;
  // The first is the default: `goodbyte conformance --json` is short for
  // `goodbyte conformance run --json`.
  if (below === undefined || below.startsWith('-')) {
    return { entry: Object.values(found)[0]!, rest };
  }
  const entry = Object.hasOwn(found, below) ? found[below] : undefined;
  if (!entry) {
    throw new UsageError(
      `unknown command "${name} ${below}"` +
        (didYouMean(below, Object.keys(found)) ||
          `; the commands are ${quoted(Object.keys(found))}`),
    );
  }
  return { entry, rest: rest.slice(1) };
}

/** @throws {UsageError} GOODBYTE_TRANSPORT names an unavailable transport. */
function checkTransport(): void {
  try {
    for (const provider of providers()) void provider.transport;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** @param asked absent if nobody asked for it, but a command is missing. */
function tellHelp(text: string, asked: string | undefined, io: Io): number {
  io[asked === undefined ? 'stderr' : 'stdout'].write(text);
  return asked === undefined ? ExitCode.usage : ExitCode.passed;
}

/** Executes a command line; returns the exit code. */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const [first, second] = args;
  // Where a command may stand: first, or behind a family.
  const place = isFamily(first) ? 1 : 0;
  if (args[place] === 'help') {
    return runCli([...args.toSpliced(place, 1), '--help'], io);
  }
  try {
    if (first === undefined || isHelp(first)) {
      return tellHelp(helpTexts.goodbyte, first, io);
    }
    if (first === '--version' || first === '-v') {
      io.stdout.write(`${packageVersion()}\n`);
      return ExitCode.passed;
    }
    if (first === 'conformance' && (second === undefined || isHelp(second))) {
      return tellHelp(helpTexts.conformance, second, io);
    }
    const { entry, rest } = findCommand(args);
    if (rest.some(isHelp)) {
      io.stdout.write(entry.help);
      return ExitCode.passed;
    }
    checkTransport();
    const command = await entry.load();
    return await command(rest, io);
  } catch (error) {
    if (error instanceof UsageError) {
      io.stderr.write(
        `goodbyte: ${plain(error.message)}\nTry: goodbyte --help\n`,
      );
      return ExitCode.usage;
    }
    const told = (error as Error).stack ?? String(error);
    io.stderr.write(`goodbyte: the harness broke: ${plain(told)}\n`);
    return ExitCode.harnessBroke;
  }
}
