// Endurance: npm run soak -- --sessions 20000 (sessions.ts)
//            npm run soak -- --teardowns 10000 (teardowns.ts)
//            npm run soak -- --cycles 100000 (cycles.ts)
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { loadNative } from '../../src/native.js';
import {
  TRANSPORT_VARIABLE,
  whyNotUsed,
  type Transport,
} from '../support/transport.js';
import { helpOf } from '../support/help.js';
import { soakCycles } from './cycles.js';
import { media, type MediumName } from './media.js';
import {
  sessionTransports,
  soakSessions,
  type SessionTransport,
} from './sessions.js';
import { soakTeardowns } from './teardowns.js';
import { ways, waysAndControl, type Way } from './ways.js';

const values = parse();
const cycles = countOf('cycles', values.cycles);
const sessions = countOf('sessions', values.sessions);
const teardowns =
  countOf('teardowns', values.teardowns) ??
  (cycles || sessions ? undefined : 1000);
const seed = seedOf(values.seed);
const chosenMedia = choose('medium', Object.keys(media), values.medium);
const chosenWays = choose('way', waysAndControl, values.way ?? [...ways]);
// Sessions may connect with one transport and listen with another.
const pairs = chooseTransports(values.transport);
const transport = sessions ? undefined : chooseTransport(values.transport);

let passed = true;
if (sessions)
  passed = await soakSessions(sessions, seed, pairs, {
    smallBuffers: values['small-buffers'],
    eagerFin: values['eager-fin'],
  });
if (teardowns) {
  passed =
    (await soakTeardowns(
      teardowns,
      chosenMedia as MediumName[],
      chosenWays as Way[],
    )) && passed;
}
if (cycles) passed = (await soakCycles(cycles, transport)) && passed;
process.exitCode = passed ? 0 : 1;

function parse() {
  try {
    const options = {
      sessions: {
        type: 'string',
        value: 'N',
        text: 'sessions on each transport or pair, as a seed decides',
      },
      seed: {
        type: 'string',
        value: 'N',
        text: 'of the first session; random by default',
      },
      'small-buffers': {
        type: 'boolean',
        default: false,
        text: 'sessions with 8 KiB of system buffers (Linux)',
      },
      'eager-fin': {
        type: 'boolean',
        default: false,
        text: 'sessions that send FIN with their last words',
      },
      teardowns: {
        type: 'string',
        value: 'N',
        text: 'teardowns over each medium, in each way',
      },
      cycles: {
        type: 'string',
        value: 'N',
        text: 'connections that come and go, and what they leave behind',
      },
      transport: {
        type: 'string',
        value: 'NAME',
        text: `for sessions: ${sessionTransports.join(' ')}; otherwise engine or stream`,
      },
      medium: {
        type: 'string',
        value: 'NAME',
        multiple: true,
        text: `for teardowns: ${Object.keys(media).join(' ')}`,
      },
      way: {
        type: 'string',
        value: 'NAME',
        multiple: true,
        text: `for teardowns: ${waysAndControl.join(' ')}`,
      },
      help: { type: 'boolean', default: false, text: 'this text' },
    } as const;
    const { values: given } = parseArgs({ options });
    if (given.help) {
      console.log(helpOf('npm run soak -- [options]', options));
      process.exit(0);
    }
    return given;
  } catch (error) {
    return usage((error as Error).message);
  }
}

/** Without the option, every one that is available here. */
function chooseTransports(
  wanted: string | undefined,
): readonly SessionTransport[] {
  if (!sessions) return [];
  if (wanted !== undefined) {
    return choose('transport', sessionTransports, [
      wanted,
    ]) as SessionTransport[];
  }
  return loadNative().native ? sessionTransports : ['stream'];
}

function seedOf(text: string | undefined): number {
  if (text === undefined) return randomInt(2 ** 31);
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number < 2 ** 32) {
    return number;
  }
  return usage(`--seed takes a whole number below 2 ** 32, not "${text}"`);
}

function chooseTransport(wanted: string | undefined): Transport | undefined {
  if (wanted === undefined) return undefined;
  choose('transport', ['engine', 'stream'], [wanted]);
  // For this process, which calls, and for those that it starts.
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
