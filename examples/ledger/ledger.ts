// The ledger: takes the tellers' rows, and answers each teller's total with
// the grand total of them all.
//
//   node dist/examples/ledger/ledger.js [--tellers ann,bea] [--limit seconds]
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { accept, createServer, reject, type Socket } from 'goodbyte';
import { linesOf } from '../lines.js';
import { Books } from './books.js';
import { money, tellers } from './transactions.js';

const { values } = parseArgs({
  options: {
    tellers: { type: 'string', default: tellers.join(',') },
    limit: { type: 'string', default: '60' },
  },
});
const books = new Books(values.tellers.split(','), Number(values.limit) * 1000);

const server = createServer(
  {
    // Asked before a connection is accepted: who is calling?
    condition({ callerData }) {
      const why = books.open(String(callerData));
      return why === undefined ? accept() : reject(why);
    },
  },
  (socket) => {
    const teller = String(socket.callerData);
    const posted = takeRows(teller, socket);
    // The teller's last word is its total, and what we return is ours. It may
    // take as long as it needs: here, until the other tellers are done too.
    socket.answer = async (total = Buffer.alloc(0)) => {
      await posted;
      books.close(teller, total.toString());
      return JSON.stringify(await books.result);
    };
  },
);

async function takeRows(teller: string, socket: Socket): Promise<void> {
  try {
    for await (const line of linesOf(socket)) books.post(teller, line);
  } catch (error) {
    books.lose(teller, (error as Error).message);
  }
}

server.listen(0, '127.0.0.1');
await once(server, 'listening');
console.log(`port ${(server.address() as AddressInfo).port}`);

const result = await books.result;
for (const [teller, why] of Object.entries(result.without)) {
  console.log(`ledger: without ${teller}: ${why}`);
  process.exitCode = 1;
}
console.log(`ledger: the grand total is ${money(result.grandTotal)}`);

// Tellers that are still connected receive the result as well.
await server.drain({ data: JSON.stringify(result), deadline: 10_000 });
