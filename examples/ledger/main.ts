// Runs the whole example: a ledger and its tellers, each in its own process, and
// compares what they say with the file.
//
//   node dist/examples/ledger/main.js [--file rows.csv] [--limit seconds]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { linesOf } from '../lines.js';
import { header, money, parse, tellers } from './transactions.js';

const { values } = parseArgs({
  options: {
    file: {
      type: 'string',
      // From dist/examples/ledger.
      default: path.join(
        import.meta.dirname,
        '../../../examples/ledger/transactions.csv',
      ),
    },
    limit: { type: 'string', default: '60' },
  },
});

function start(program: string, ...args: string[]) {
  const file = path.join(import.meta.dirname, program);
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { lines: linesOf(child.stdout), exit: once(child, 'exit') };
}

// The file's total, added up without the ledger.
const problems: string[] = [];
const sums = new Map(tellers.map((teller) => [teller, { rows: 0, cents: 0 }]));
let grandTotal = 0;
for (const line of readFileSync(values.file, 'utf8').split('\n')) {
  if (line === header || line === '') continue;
  const row = parse(line);
  if (!row) {
    problems.push(`a bad row in the file: ${JSON.stringify(line)}`);
    continue;
  }
  const sum = sums.get(row.teller) ?? { rows: 0, cents: 0 };
  sum.rows += 1;
  sum.cents += row.cents;
  grandTotal += row.cents;
  sums.set(row.teller, sum);
}

const ledger = start('ledger.js', '--limit', values.limit);
const firstLine = (await ledger.lines.next()).value as string;
const port = firstLine.slice('port '.length);

async function runTeller(name: string): Promise<string> {
  const args = ['--name', name, '--port', port, '--file', values.file];
  const { lines } = start('teller.js', ...args);
  return ((await lines.next()).value as string) ?? `${name}: said nothing`;
}
// Strangers first: the ledger closes once its tellers are done.
const names = [...sums.keys()];
const isTeller = (name: string) => tellers.includes(name);
const said = await Promise.all(
  names.filter((name) => !isTeller(name)).map(runTeller),
);
said.push(...(await Promise.all(names.filter(isTeller).map(runTeller))));

for (const line of said) console.log(line);
for await (const line of ledger.lines) console.log(line);

for (const [name, { rows, cents }] of sums) {
  const right = `${name}: ${rows} rows, total ${money(cents)}`;
  if (!said.some((line) => line.startsWith(`${right},`))) {
    problems.push(`the file says ${right}`);
  }
}
const right = `grand total ${money(grandTotal)}`;
if (!said.every((line) => line.endsWith(right))) {
  problems.push(`the file says ${right}`);
}
const [code] = (await ledger.exit) as [number | null];
if (code !== 0) problems.push('the ledger had to do without somebody');

for (const problem of problems) console.log(`WRONG: ${problem}`);
if (problems.length === 0) console.log('All totals agree with the file.');
process.exitCode = problems.length > 0 ? 1 : 0;
