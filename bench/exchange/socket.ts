// The exchange with goodbyte's Socket and Server.
import {
  accept,
  connect,
  createServer,
  reject,
  type NetConnectOpts,
  type Socket,
} from '../../src/index.js';
import type { Medium } from '../support/medium.js';
import { listenAt } from '../support/place.js';
import type { Tls } from '../support/tls.js';
import type { Done, Work } from '../support/work.js';
import { Exchanges, expectWord, idOf, word } from './exchanges.js';

export async function open(
  { place, tls }: Medium,
  lanes: number,
): Promise<Work> {
  const exchanges = new Exchanges();
  const server = createServer(
    {
      tls: tls?.server,
      condition({ callerData }) {
        const caller = String(callerData);
        return caller.startsWith('caller')
          ? accept({ calleeData: word('callee', idOf(caller)) })
          : reject('unknown caller');
      },
    },
    (socket) => {
      serve(socket, exchanges);
    },
  );
  const at = await listenAt(server, place);
  const options = { ...at, tls: await tls?.client(at) };
  return exchanges.work(lanes, (done) => {
    call(options, tls, exchanges, done);
  });
}

function serve(socket: Socket, exchanges: Exchanges): void {
  const id = idOf(String(socket.callerData));
  socket.answer = (lastWord) => {
    expectWord('client', id, String(lastWord));
    return word('server', id);
  };
  socket.on('error', (error) => {
    exchanges.failed(id, error);
  });
  socket.on('close', () => {
    exchanges.closed(id);
  });
  socket.resume();
}

function call(
  options: NetConnectOpts,
  tls: Tls | undefined,
  exchanges: Exchanges,
  done: Done,
): void {
  const id = exchanges.begin(done);
  // A spread last: with members behind it, Node 20 makes a hidden class for each
  // object, and each look-up in it is slow (findings/spread-before-members.sh).
  const socket = connect({ callerData: word('caller', id), ...options });
  const fail = (error: Error) => {
    exchanges.failed(id, error);
    socket.destroy();
  };
  socket.on('connect', () => {
    tls?.check(socket.stream);
    disconnect(socket, id, exchanges).catch(fail);
  });
  socket.on('error', fail);
  socket.on('close', () => {
    exchanges.closed(id);
  });
}

async function disconnect(
  socket: Socket,
  id: number,
  exchanges: Exchanges,
): Promise<void> {
  expectWord('callee', id, String(socket.calleeData));
  exchanges.accepted(id);
  expectWord('server', id, String(await socket.disconnect(word('client', id))));
}
