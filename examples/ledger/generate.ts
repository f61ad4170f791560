// Prints transactions.csv: the same 10,000 rows each time.
//
//   node dist/examples/ledger/generate.js > examples/ledger/transactions.csv
import { header, tellers } from './transactions.js';

const ROWS = 10_000;
const FIRST_DAY = Date.UTC(2026, 0, 2);
const DAY = 24 * 60 * 60 * 1000;

let state = 20_260_102;

/** A whole number from 0 to `below - 1` (mulberry32). */
function random(below: number): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
}

const tills = new Map<string, number>();
const lines = [header];
for (let number = 1; number <= ROWS; number++) {
  const day = new Date(FIRST_DAY + Math.floor(number / 40) * DAY);
  const teller = tellers[random(tellers.length)]!;
  const cents = random(500_000) - 200_000;
  const till = (tills.get(teller) ?? 0) + cents;
  tills.set(teller, till);
  const date = day.toISOString().slice(0, 10);
  lines.push([number, date, teller, cents, till].join(','));
}
process.stdout.write(`${lines.join('\n')}\n`);
