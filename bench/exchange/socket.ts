// The exchange with goodbyte's Socket and Server.
import { once } from 'node:events';
import {
  accept,
  connect,
  createServer,
  reject,
  type AddressInfo,
  type Socket,
} from '../../src/index.js';
import type { Done, Work } from '../support/work.js';
import { Exchanges, IN_FLIGHT, expectWord, idOf, word } from './exchanges.js';

export async function open(): Promise<Work> {
  const exchanges = new Exchanges();
  const server = createServer(
    {
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
  server.listen(0, '127.0.0.1', 511);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    lanes: IN_FLIGHT,
    run(_lane, done) {
      call(port, exchanges, done);
    },
  };
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

function call(port: number, exchanges: Exchanges, done: Done): void {
  const id = exchanges.begin(done);
  const socket = connect({
    port,
    host: '127.0.0.1',
    callerData: word('caller', id),
  });
  const fail = (error: Error) => {
    exchanges.failed(id, error);
    socket.destroy();
  };
  socket.on('connect', () => {
    disconnect(socket, id).catch(fail);
  });
  socket.on('error', fail);
  socket.on('close', () => {
    exchanges.closed(id);
  });
}

async function disconnect(socket: Socket, id: number): Promise<void> {
  expectWord('callee', id, String(socket.calleeData));
  expectWord('server', id, String(await socket.disconnect(word('client', id))));
}
