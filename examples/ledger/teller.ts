// A teller: posts its rows of the file, says how much is in its till as its last word,
// and receives the grand total as the ledger's.
//
//   node dist/examples/ledger/teller.js --name ann --port 4711 --file rows.csv
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connect } from 'goodbyte/promises';
import type { WinsockError } from 'goodbyte';
import type { Result } from './books.js';
import { money, parse, tellerOf } from './transactions.js';

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: '' },
    port: { type: 'string', default: '' },
    file: { type: 'string', default: '' },
  },
});
const { name, port, file } = values;

const rows = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => tellerOf(line) === name);
const total = parse(rows.at(-1) ?? '')?.till ?? 0;

try {
  const socket = await connect({ port, host: '127.0.0.1', callerData: name });
  for (const row of rows) socket.write(`${row}\n`);
  const answer = await socket.disconnect(String(total));
  if (!answer) throw new Error('the ledger had no answer');

  const { grandTotal, without } = JSON.parse(answer.toString()) as Result;
  const missing = Object.keys(without);
  console.log(
    `${name}: ${rows.length} rows, total ${money(total)}, ` +
      `grand total ${money(grandTotal)}` +
      (missing.length > 0 ? ` without ${missing.join(', ')}` : ''),
  );
  if (name in without) process.exitCode = 1;
} catch (error) {
  const { message, rejectData } = error as WinsockError;
  const why = rejectData ? `refused: ${rejectData.toString()}` : message;
  console.log(`${name}: ${why}`);
  process.exitCode = 1;
}
