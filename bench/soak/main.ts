// Endurance: npm run soak -- --teardowns 10000 (teardowns.ts)
//            npm run soak -- --cycles 100000 (cycles.ts)
import { parseArgs } from 'node:util';
import {
  TRANSPORT_VARIABLE,
  whyNotUsed,
  type Transport,
} from '../support/transport.js';
import { soakCycles } from './cycles.js';
import { media, type MediumName } from './media.js';
import { soakTeardowns } from './teardowns.js';
import { ways, waysAndControl, type Way } from './ways.js';

const values = parse();
const cycles = countOf('cycles', values.cycles);
const teardowns =
  countOf('teardowns', values.teardowns) ?? (cycles ? undefined : 1000);
const chosenMedia = choose('medium', Object.keys(media), values.medium);
const chosenWays = choose('way', waysAndControl, values.way ?? [...ways]);
const transport = chooseTransport(values.transport);

let passed = true;
if (teardowns) {
  passed = await soakTeardowns(
    teardowns,
    chosenMedia as MediumName[],
    chosenWays as Way[],
  );
}
if (cycles) passed = (await soakCycles(cycles, transport)) && passed;
process.exitCode = passed ? 0 : 1;

function parse() {
  try {
    return parseArgs({
      options: {
        teardowns: { type: 'string' },
        cycles: { type: 'string' },
        transport: { type: 'string' },
        medium: { type: 'string', multiple: true },
        way: { type: 'string', multiple: true },
      },
    }).values;
  } catch (error) {
    return usage((error as Error).message);
  }
}

function chooseTransport(wanted: string | undefined): Transport | undefined {
  if (wanted === undefined) return undefined;
  choose('transport', ['engine', 'stream'], [wanted]);
  // Of this process, which calls, and of those that it starts.
  process.env[TRANSPORT_VARIABLE] = wanted;
  const why = whyNotUsed(wanted as Transport);
  if (why) usage(why);
  return wanted as Transport;
}

function countOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  return usage(`--${option} takes a whole number from 1, not "${text}"`);
}

function choose(
  option: string,
  known: readonly string[],
  wanted: string[] | undefined,
): readonly string[] {
  for (const name of wanted ?? []) {
    if (!known.includes(name)) {
      usage(
        `there is no --${option} "${name}"; take one of: ${known.join(', ')}`,
      );
    }
  }
  return wanted ?? known;
}

function usage(problem: string): never {
  console.error(problem);
  process.exit(2);
}
