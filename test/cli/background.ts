import { Readable } from 'node:stream';
import type { Test } from 'tap';
import { runCli } from '../../cli/cli.js';

export type Event = Record<string, unknown>;

/**
 * Runs a command with `--json` that continues in this process once it listens.
 *
 * @returns `saw` resolves to the first event of that name, past or future, and
 *   rejects if the command ends without it; `stop` acts as a signal from outside;
 *   `ended` resolves to the exit code.
 */
export async function background(
  t: Test,
  [command = '', ...args]: readonly string[],
  stdin: Iterable<string> | AsyncIterable<string> = [],
) {
  const events: Event[] = [];
  let stdout = '';
  let wake = (): void => {};
  const ended = runCli([command, '--json', ...args], {
    stdin: Readable.from(stdin),
    stdout: { write: (text) => ((stdout += String(text)), true) },
    stderr: {
      write(line) {
        events.push(JSON.parse(String(line)) as Event);
        wake();
      },
    },
    env: {},
  });
  let isOver = false;
  const over = () => {
    isOver = true;
    wake();
  };
  ended.then(over, over);
  const saw = async (name: string): Promise<Event> => {
    for (;;) {
      const found = events.find(({ event }) => event === name);
      if (found) return found;
      if (isOver) {
        throw new Error(`no "${name}" among ${JSON.stringify(events)}`);
      }
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  let isStopped = false;
  const stop = () => {
    // Windows has no signals from outside.
    if (!isStopped) process.emit('SIGTERM');
    isStopped = true;
    return ended;
  };
  const at = (await saw('listening'))['at'] as string;
  return { at, saw, stop, ended, stdout: () => stdout };
}
