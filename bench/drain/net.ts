// A drain by hand, as a careful author writes it: the word and FIN to each client,
// then input until the client's answer and its FIN, with a deadline.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { expectWord, idOf, word } from '../exchange/exchanges.js';
import {
  ACCEPT,
  CONNECT,
  HANDSHAKE_TIMEOUT,
  LAST_WORD,
  halfOpen,
  message,
  onMessages,
} from '../support/by-hand.js';
import { listenAt } from '../support/place.js';
import { DEADLINE, EVERYBODY, type Drain } from './drain.js';

export const drain: Drain = {
  async listen(place) {
    const clients = new Map<Socket, Client>();
    const server = createServer(halfOpen, (socket) => {
      serve(socket, clients);
    });
    return {
      place: await listenAt(server, place),
      get connections() {
        return clients.size;
      },
      drain: () => drainAll(server, clients),
    };
  },

  async connect(place, id) {
    const socket = connect({ ...halfOpen, ...place });
    const fail = (error: Error) => {
      socket.destroy(error);
    };
    const accepted = new Promise<void>((resolve) => {
      let lastWord: string | undefined;
      onMessages(socket, fail, (type, text) => {
        if (type === ACCEPT) resolve();
        else if (type === LAST_WORD) lastWord = text;
        else throw new Error(`a message of type ${type} out of turn`);
      });
      socket.on('end', () => {
        expectWord('server', EVERYBODY, lastWord);
        socket.end(message(LAST_WORD, word('client', id)));
      });
    });
    socket.write(message(CONNECT, word('caller', id)));
    await accepted;
  },
};

interface Client {
  readonly id: number;
  answer?: string;
}

function serve(socket: Socket, clients: Map<Socket, Client>): void {
  let client: Client | undefined;
  const fail = () => {
    socket.destroy();
  };
  socket.setTimeout(HANDSHAKE_TIMEOUT, fail);
  onMessages(socket, fail, (type, text) => {
    if (type === CONNECT && !client) {
      client = { id: idOf(text) };
      clients.set(socket, client);
      socket.setTimeout(0);
      socket.write(message(ACCEPT, word('callee', client.id)));
    } else if (type === LAST_WORD && client) {
      client.answer = text;
    } else {
      throw new Error(`a message of type ${type} out of turn`);
    }
  });
  socket.on('error', fail);
  socket.on('end', () => {
    socket.end();
  });
  socket.on('close', () => {
    clients.delete(socket);
  });
}

async function drainAll(
  server: Server,
  clients: ReadonlyMap<Socket, Client>,
): Promise<void> {
  const all = [...clients.values()];
  const closed = once(server, 'close');
  server.close();
  const goodbye = message(LAST_WORD, word('server', EVERYBODY));
  for (const socket of clients.keys()) socket.end(goodbye);
  const timer = setTimeout(() => {
    for (const socket of clients.keys()) socket.destroy();
  }, DEADLINE);
  await closed;
  clearTimeout(timer);
  for (const { id, answer } of all) expectWord('client', id, answer);
}
