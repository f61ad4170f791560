// The called side of a soak: answers each first and each last word.
import { once } from 'node:events';
import { accept, createServer } from '../../src/index.js';
import { selectProvider } from '../../src/provider/select.js';
import { answerQuestions } from '../support/asked.js';
import { takeCensus } from './census.js';

const [transport] = process.argv.slice(2);

await answerQuestions(transport, async () => {
  const server = createServer(
    {
      condition: ({ callerData }) =>
        accept({ calleeData: `callee to ${String(callerData)}` }),
    },
    (socket) => {
      let heard = '';
      socket.on('data', (data) => {
        heard += String(data);
      });
      socket.answer = (word) => {
        socket.write(`heard ${heard}`);
        return `answer to ${String(word)}`;
      };
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: () => (server.address() as { port: number }).port,
    transport: () => selectProvider().transport?.listening ?? 'unknown',
    census: takeCensus,
  };
});
