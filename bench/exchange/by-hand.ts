// The exchange by hand, as a careful author writes it: a verdict before anything
// else; half-close, so that neither last word is lost; a time limit for the
// handshake. Input is always read, so that no reset destroys a last word.
import type { Server, Socket } from 'node:net';
import {
  ACCEPT,
  CONNECT,
  HANDSHAKE_TIMEOUT,
  LAST_WORD,
  message,
  onMessages,
} from '../support/by-hand.js';
import { listenAt, type Place } from '../support/place.js';
import type { Done, Work } from '../support/work.js';
import { Exchanges, expectWord, idOf, word } from './exchanges.js';

type Connect = () => Socket;

/** @param prepare is called once the server listens. */
export async function openByHand(
  server: Server,
  acceptedEvent: 'connection' | 'secureConnection',
  place: Place,
  prepare: (at: Place) => Connect | Promise<Connect>,
  lanes: number,
): Promise<Work> {
  const exchanges = new Exchanges();
  server.on(acceptedEvent, (socket: Socket) => {
    serve(socket, exchanges);
  });
  const connect = await prepare(await listenAt(server, place));
  return exchanges.work(lanes, (done) => {
    call(connect(), exchanges, done);
  });
}

function serve(socket: Socket, exchanges: Exchanges): void {
  let id: number | undefined;
  let lastWord: string | undefined;
  const fail = (error: Error) => {
    exchanges.failed(id, error);
    socket.destroy();
  };
  socket.setTimeout(HANDSHAKE_TIMEOUT, () => {
    fail(new Error('no caller data in time'));
  });
  onMessages(socket, fail, (type, text) => {
    if (type === CONNECT && id === undefined) {
      id = idOf(text);
      socket.setTimeout(0);
      socket.write(message(ACCEPT, word('callee', id)));
    } else if (type === LAST_WORD && id !== undefined) {
      lastWord = text;
    } else {
      throw new Error(`a message of type ${type} out of turn`);
    }
  });
  socket.on('error', fail);
  socket.on('end', () => {
    try {
      expectWord('client', id ?? 0, lastWord);
      socket.end(message(LAST_WORD, word('server', id ?? 0)));
    } catch (error) {
      fail(error as Error);
    }
  });
  socket.on('close', () => {
    if (id !== undefined) exchanges.closed(id);
  });
}

function call(socket: Socket, exchanges: Exchanges, done: Done): void {
  const id = exchanges.begin(done);
  let lastWord: string | undefined;
  const fail = (error: Error) => {
    exchanges.failed(id, error);
    socket.destroy();
  };
  onMessages(socket, fail, (type, text) => {
    if (type === ACCEPT) {
      expectWord('callee', id, text);
      exchanges.accepted(id);
      socket.end(message(LAST_WORD, word('client', id)));
    } else if (type === LAST_WORD) {
      lastWord = text;
    } else {
      throw new Error(`a message of type ${type} out of turn`);
    }
  });
  socket.on('error', fail);
  socket.on('end', () => {
    try {
      expectWord('server', id, lastWord);
    } catch (error) {
      fail(error as Error);
    }
  });
  socket.on('close', () => {
    exchanges.closed(id);
  });
  socket.write(message(CONNECT, word('caller', id)));
}
