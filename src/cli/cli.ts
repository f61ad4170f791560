import { packageVersion } from '../../conformance/agent/agent.js';
import { ExitCode } from '../../conformance/report/summary.js';
import { plain } from '../../conformance/report/text.js';
import { providers } from '../provider/select.js';
import { agentCommand } from './agent-command.js';
import { diffCommand } from './diff-command.js';
import { connectCommand } from './everyday/connect-command.js';
import { listenCommand } from './everyday/listen-command.js';
import { helpTexts } from './help.js';
import { infoCommand } from './info-command.js';
import type { Io } from './io.js';
import { listCommand } from './list-command.js';
import { mergeCommand } from './merge-command.js';
import { measureCommand, providersCommand } from './providers-command.js';
import { runCommand } from './run-command.js';
import { UsageError } from './usage-error.js';

type Command = (args: readonly string[], io: Io) => number | Promise<number>;

interface Entry {
  command: Command;
  help: string;
}

const commands: Record<string, Entry | Record<string, Entry>> = {
  connect: { command: connectCommand, help: helpTexts.connect },
  listen: { command: listenCommand, help: helpTexts.listen },
  conformance: {
    run: { command: runCommand, help: helpTexts.run },
    list: { command: listCommand, help: helpTexts.list },
    agent: { command: agentCommand, help: helpTexts.agent },
    merge: { command: mergeCommand, help: helpTexts.merge },
    diff: { command: diffCommand, help: helpTexts.diff },
  },
  info: { command: infoCommand, help: helpTexts.info },
  providers: {
    list: { command: providersCommand, help: helpTexts.providers },
    measure: { command: measureCommand, help: helpTexts.measure },
  },
};

const isHelp = (argument: string | undefined): boolean =>
  argument === '--help' || argument === '-h';

const isEntry = (found: object): found is Entry => 'command' in found;

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
      `there is no command "${name}"; there are ${quoted(Object.keys(commands))}`,
    );
  }
  if (isEntry(found)) return { entry: found, rest };
  const [below] = rest;
  // The first is meant where none is named: `goodbyte conformance --json` is
  // short for `goodbyte conformance run --json`.
  if (below === undefined || below.startsWith('-')) {
    return { entry: Object.values(found)[0]!, rest };
  }
  const entry = Object.hasOwn(found, below) ? found[below] : undefined;
  if (!entry) {
    throw new UsageError(
      `there is no command "${name} ${below}"; ` +
        `there are ${quoted(Object.keys(found))}`,
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

/** Executes a command line; returns the exit code. */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const [first] = args;
  try {
    if (first === undefined || isHelp(first)) {
      io[first === undefined ? 'stderr' : 'stdout'].write(helpTexts.goodbyte);
      return first === undefined ? ExitCode.usage : ExitCode.passed;
    }
    if (first === '--version' || first === '-v') {
      io.stdout.write(`${packageVersion()}\n`);
      return ExitCode.passed;
    }
    const { entry, rest } = findCommand(args);
    if (rest.some(isHelp)) {
      io.stdout.write(entry.help);
      return ExitCode.passed;
    }
    checkTransport();
    return await entry.command(rest, io);
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
