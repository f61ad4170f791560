// Half of the connections have listeners that throw at everything, at no cost to
// the others.
import { once } from 'node:events';
import { createServer, type Socket } from '../../../src/index.js';
import { connect } from '../../../src/promises.js';
import { close, host, print, untilOpen } from '../support/exchange.js';

const CONNECTIONS = 40;
const WORDS = 25;
const MESSAGE = 'of a listener';

let thrown = 0;
process.on('uncaughtException', (error) => {
  if (error.message !== MESSAGE) throw error;
  thrown++;
});

function fail(): never {
  throw new Error(MESSAGE);
}

/** Added after the listeners that work. For 'end', see Node's Readable. */
function failAtAll(socket: Socket): void {
  for (const event of ['connect', 'data', 'disconnect', 'close']) {
    socket.on(event, fail);
  }
}

const server = createServer((callee) => {
  const isWrong = Number(callee.callerData) % 2 === 1;
  let heard = 0;
  callee.on('data', (data) => {
    heard += data.length;
    callee.write(data);
  });
  callee.answer = () => String(heard);
  if (isWrong) failAtAll(callee);
});
server.listen(0, host);
await once(server, 'listening');
const { port } = server.address() as { port: number };

const callers = await Promise.all(
  Array.from({ length: CONNECTIONS }, async (_, index) => {
    const callerData = String(index);
    const caller = await connect({ port, host, callerData });
    const heard = { octets: 0 };
    caller.on('data', (data) => {
      heard.octets += data.length;
    });
    // A listener that throws prevents later ones from being called.
    const closed = new Promise((resolve) => caller.once('close', resolve));
    if (index % 4 === 1) failAtAll(caller);
    return { caller, heard, closed };
  }),
);
// All in one tick, so that many of them receive in the same turn.
const answers = await Promise.all(
  callers.map(async ({ caller, heard, closed }) => {
    for (let word = 0; word < WORDS; word++) caller.write(`word ${word}\n`);
    const answer = await caller.disconnect('that is all');
    await closed;
    return { heard: heard.octets, answer: String(answer) };
  }),
);
await close(server);
await untilOpen(0);
print({ answers, thrown: thrown > 0 });
