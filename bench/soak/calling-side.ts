// The calling side of a soak: the eight steps, over and over.
import { once } from 'node:events';
import { connect } from '../../src/promises.js';
import { answerQuestions } from '../support/asked.js';
import { takeCensus } from './census.js';

const [port, transport] = process.argv.slice(2);

const IN_FLIGHT = 32;

await answerQuestions(transport, async () => {
  let done = 0;
  return {
    async run(count) {
      const goal = done + count;
      const lane = async () => {
        while (done < goal) await exchange(++done);
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
    },
    census: takeCensus,
  };
});

/** @throws if a word is lost. */
async function exchange(id: number): Promise<void> {
  const socket = await connect({
    port: Number(port),
    host: '127.0.0.1',
    callerData: `caller ${id}`,
  });
  let heard = '';
  socket.on('data', (data) => {
    heard += String(data);
  });
  const closed = once(socket, 'close');
  socket.write(`data ${id}`);
  const answer = await socket.disconnect(`word ${id}`);
  await closed;
  expect(`callee to caller ${id}`, socket.calleeData);
  expect(`heard data ${id}`, heard);
  expect(`answer to word ${id}`, answer);
}

function expect(said: string, heard: string | Buffer | undefined): void {
  if (String(heard) !== said) {
    throw new Error(`"${said}" was sent, but "${String(heard)}" arrived`);
  }
}
