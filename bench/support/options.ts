import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { helpOf } from './help.js';
import { InvalidUsage } from './usage.js';

export interface Options {
  json: boolean;
  /** Prefixes of row names; empty: all rows. */
  only: readonly string[];
  /** Duration of one run. */
  seconds: number;
  runs: number;
  /** The same where each run has new processes. */
  freshRuns: number;
  /** Connections that memory is measured with. */
  connections: number;
  /** Most connections that are held. */
  held: number;
  /** Most clients that are drained. */
  drained: number;
  /** The checkout of another build, which runs in turn with this one. */
  compare?: string;
}

const options = {
  json: { type: 'boolean', default: false, text: 'figures as JSON' },
  only: {
    type: 'string',
    value: 'NAME',
    multiple: true,
    default: [] as string[],
    text: 'only rows whose names begin so; repeatable',
  },
  seconds: {
    type: 'string',
    value: 'N',
    default: '1',
    text: 'duration of one run',
  },
  runs: {
    type: 'string',
    value: 'N',
    text: 'runs of each contender; 5, or 3 in new processes each',
  },
  connections: {
    type: 'string',
    value: 'N',
    default: '5000',
    text: 'connections that memory is measured with',
  },
  held: {
    type: 'string',
    value: 'N',
    default: '15000',
    text: 'most connections that are held',
  },
  drained: {
    type: 'string',
    value: 'N',
    default: '10000',
    text: 'most clients that are drained',
  },
  compare: {
    type: 'string',
    value: 'FOLDER',
    text: 'checkout of another build, to run in turn with this one',
  },
  help: { type: 'boolean', default: false, text: 'this text' },
} as const;

/**
 * @returns the text to print, if help is asked for.
 * @throws {InvalidUsage}
 */
export function parseOptions(args: readonly string[]): Options | string {
  const { values } = parse(args);
  if (values.help) return helpOf('npm run bench -- [options]', options);
  return {
    json: values.json,
    only: values.only,
    seconds: number('seconds', values.seconds, 0.01),
    runs: whole('runs', values.runs ?? '5', 1),
    freshRuns: whole('runs', values.runs ?? '3', 1),
    connections: whole('connections', values.connections, 1),
    held: whole('held', values.held, 15),
    drained: whole('drained', values.drained, 10),
    ...(values.compare !== undefined && { compare: build(values.compare) }),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options });
  } catch (error) {
    throw new InvalidUsage((error as Error).message);
  }
}

function build(folder: string): string {
  const checkout = path.resolve(folder);
  if (existsSync(path.join(checkout, 'dist/bench/main.js'))) return checkout;
  throw new InvalidUsage(
    `--compare needs a built checkout; ${checkout} has no dist/bench`,
  );
}

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (value >= least && value < Number.POSITIVE_INFINITY) return value;
  throw new InvalidUsage(
    `--${name} takes a number from ${least}, not "${text}"`,
  );
}

function whole(name: string, text: string, least: number): number {
  const value = number(name, text, least);
  if (Number.isInteger(value)) return value;
  throw new InvalidUsage(`--${name} takes a whole number, not "${text}"`);
}
