import { once } from 'node:events';
import { connect, createServer } from '../../src/index.js';
import { expectWord, idOf, word } from '../exchange/exchanges.js';
import { listenAt } from '../support/place.js';
import { DEADLINE, EVERYBODY, type Drain } from './drain.js';

/** `server.drain()`. */
export const drain: Drain = {
  async listen(place) {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.resume();
      socket.on('close', () => {
        connections--;
      });
    });
    return {
      place: await listenAt(server, place),
      get connections() {
        return connections;
      },
      async drain() {
        const { answers, ...counts } = await server.drain({
          data: word('server', EVERYBODY),
          deadline: DEADLINE,
        });
        if (answers.size !== counts.connections) {
          throw new Error(`not all have answered: ${JSON.stringify(counts)}`);
        }
        for (const [socket, answer] of answers) {
          const id = idOf(String(socket.callerData));
          expectWord('client', id, String(answer));
        }
      },
    };
  },

  async connect(place, id) {
    const socket = connect({
      callerData: word('caller', id),
      answer(lastWord) {
        expectWord('server', EVERYBODY, String(lastWord));
        return word('client', id);
      },
      ...place,
    });
    socket.resume();
    await once(socket, 'connect');
  },
};
