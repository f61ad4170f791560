import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { InvalidUsage } from './usage.js';

export interface Options {
  json: boolean;
  /** Prefixes of row names; empty: all rows. */
  only: readonly string[];
  /** Duration of one run. */
  seconds: number;
  runs: number;
  /** How many connections the memory is measured with. */
  connections: number;
  /** How many connections are held at most. */
  held: number;
  /** The checkout of another build of ours, which runs in turn with this one. */
  compare?: string;
}

/** @throws {InvalidUsage} */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parse(args);
  return {
    json: values.json,
    only: values.only,
    seconds: number('seconds', values.seconds, 0.01),
    runs: whole('runs', values.runs, 1),
    connections: whole('connections', values.connections, 1),
    held: whole('held', values.held, 15),
    ...(values.compare !== undefined && { compare: build(values.compare) }),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        seconds: { type: 'string', default: '2' },
        runs: { type: 'string', default: '5' },
        connections: { type: 'string', default: '5000' },
        held: { type: 'string', default: '15000' },
        compare: { type: 'string' },
      },
    });
  } catch (error) {
    throw new InvalidUsage((error as Error).message);
  }
}

function build(folder: string): string {
  const checkout = path.resolve(folder);
  if (existsSync(path.join(checkout, 'dist/bench/main.js'))) return checkout;
  throw new InvalidUsage(
    `--compare takes a checkout that is built, and ${checkout} has no dist/bench`,
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
