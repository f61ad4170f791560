// Opens and closes connections, which must leave nothing behind: npm run soak -- --cycles 100000
import { Child } from '../support/child.js';
import type { Transport } from '../support/transport.js';
import { departures, type Census } from './census.js';

/** Exchanges before the first look, so that one-time growth is over. */
const WARM_UP = 5000;
/** Exchanges between two lines of progress. */
const PORTION = 10_000;
/** Seconds that a portion may take beyond the limit of a question. */
const PATIENCE = 600;

/** Has one process call another, over and over. */
export async function soakCycles(
  cycles: number,
  transport: Transport | undefined,
): Promise<boolean> {
  const server = await Child.start('soak/serving-side.js', [], transport);
  const sides = new Map([['server', server]]);
  try {
    const port = await server.ask<number>('port');
    const caller = await Child.start(
      'soak/calling-side.js',
      [String(port)],
      transport,
    );
    sides.set('caller', caller);
    const run = async (count: number) => {
      for (let left = count; left > 0; left -= PORTION) {
        await caller.ask('run', Math.min(left, PORTION), PATIENCE);
      }
    };
    const idle = await lookAt(sides);
    await run(WARM_UP);
    const warm = await lookAt(sides);
    const began = performance.now();
    await run(cycles);
    const seconds = (performance.now() - began) / 1000;
    const end = await lookAt(sides);

    let allFlat = true;
    for (const side of sides.keys()) {
      const looks = [idle, warm, end].map((counts) => counts.get(side)!);
      print(side, looks);
      for (const complaint of departures(looks[0]!, looks[1]!, looks[2]!)) {
        allFlat = false;
        console.log(`  NOT FLAT: ${complaint}`);
      }
    }
    // An exchange that loses a word has ended the run before this.
    const used = await server.ask<string>('transport');
    console.log(
      `cycles: ${cycles}  transport: ${used}  lost: 0  (${seconds.toFixed(1)} s)`,
    );
    return allFlat;
  } finally {
    for (const side of sides.values()) side.stop();
  }
}

type Looks = Map<string, Census>;

async function lookAt(sides: ReadonlyMap<string, Child>): Promise<Looks> {
  const found: Looks = new Map();
  for (const [name, side] of sides) {
    found.set(name, await side.ask<Census>('census'));
  }
  return found;
}

const when = ['before', 'after warm-up', 'at the end'];

function print(side: string, looks: readonly Census[]): void {
  for (const [index, look] of looks.entries()) {
    const { handles, resources, rss, heapUsed, external, arrayBuffers } = look;
    const memory = { rss, heap: heapUsed, external, arrayBuffers };
    console.log(
      `${side.padEnd(6)}  ${when[index]!.padEnd(13)}  handles: ${handles}, ${resources}  ` +
        Object.entries(memory)
          .map(([name, octets]) => `${name}: ${mebibytes(octets)}`)
          .join('  '),
    );
  }
}

function mebibytes(octets: number): string {
  return `${(octets / 2 ** 20).toFixed(2)} MiB`;
}
