// Opens many connections, and reports their ends.
//
//   holding-client.js PORT HOW-MANY
import { once } from 'node:events';
import type { Socket } from 'goodbyte';
import { connect } from 'goodbyte/promises';

const [port, count] = process.argv.slice(2).map(Number) as [number, number];
const AT_A_TIME = 128;
/** Ports belong to an address, and Linux has many loopback addresses. */
const ADDRESSES = 4;

process.once('disconnect', () => process.exit());

const sockets: Socket[] = [];
const words: Promise<unknown>[] = [];

async function open(id: number): Promise<void> {
  const socket = await connect({
    port,
    host: '127.0.0.1',
    localAddress:
      process.platform === 'linux'
        ? `127.0.0.${2 + (id % ADDRESSES)}`
        : undefined,
    answer: () => 'sleep well',
  });
  sockets.push(socket);
  words.push(
    once(socket, 'disconnect').then(
      ([word]) => String(word),
      (error: Error) => error.message,
    ),
  );
}

async function roundTrip(socket: Socket, id: number): Promise<void> {
  const said = String(id);
  let heard = '';
  await new Promise<void>((resolve) => {
    socket.on('data', (data) => {
      heard += String(data);
      if (heard.length >= said.length) resolve();
    });
    socket.write(said);
  });
  if (heard !== said) throw new Error(`${said} was said, ${heard} heard`);
}

async function inLanes(work: (id: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
}

await inLanes(open);
process.send!('open');
await once(process, 'message');
await inLanes((id) => roundTrip(sockets[id]!, id));
process.send!('alive');
const heard = new Map<unknown, number>();
for (const word of await Promise.all(words)) {
  heard.set(word, (heard.get(word) ?? 0) + 1);
}
process.send!(Object.fromEntries(heard));
