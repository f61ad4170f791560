// The exchange over WebSocket: the first words are headers of the upgrade, on
// which `verifyClient` decides. A close is answered with its own code and reason,
// so the client's last word has to be a message; the server's is the reason of
// its close.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { Medium } from '../support/medium.js';
import { authorityOf } from '../support/place.js';
import type { Done, Work } from '../support/work.js';
import { Exchanges, expectWord, idOf, word } from './exchanges.js';

const CALLER_DATA = 'x-caller-data';
const CALLEE_DATA = 'x-callee-data';
const NORMAL = 1000;

export async function open({ place }: Medium, lanes: number): Promise<Work> {
  const exchanges = new Exchanges();
  const server = new WebSocketServer({
    ...place,
    backlog: 511,
    perMessageDeflate: false,
    verifyClient: ({ req }: { req: IncomingMessage }) =>
      String(req.headers[CALLER_DATA]).startsWith('caller'),
  });
  server.on('headers', (headers, request) => {
    const id = idOf(String(request.headers[CALLER_DATA]));
    headers.push(`${CALLEE_DATA}: ${word('callee', id)}`);
  });
  server.on('connection', (socket, request) => {
    serve(socket, idOf(String(request.headers[CALLER_DATA])), exchanges);
  });
  await once(server, 'listening');
  const { address: host, port } = server.address() as AddressInfo;
  const url = `ws://${authorityOf({ host, port })}`;
  return exchanges.work(lanes, (done) => {
    call(url, exchanges, done);
  });
}

function serve(socket: WebSocket, id: number, exchanges: Exchanges): void {
  socket.on('message', (data: Buffer) => {
    try {
      expectWord('client', id, data.toString('latin1'));
      socket.close(NORMAL, word('server', id));
    } catch (error) {
      exchanges.failed(id, error as Error);
    }
  });
  socket.on('error', (error) => {
    exchanges.failed(id, error);
  });
  socket.on('close', () => {
    exchanges.closed(id);
  });
}

function call(url: string, exchanges: Exchanges, done: Done): void {
  const id = exchanges.begin(done);
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    headers: { [CALLER_DATA]: word('caller', id) },
  });
  let calleeData: string | undefined;
  socket.on('upgrade', (response) => {
    calleeData = String(response.headers[CALLEE_DATA]);
  });
  socket.on('open', () => {
    socket.send(word('client', id));
  });
  socket.on('error', (error) => {
    exchanges.failed(id, error);
  });
  socket.on('close', (_code, reason) => {
    try {
      expectWord('callee', id, calleeData);
      expectWord('server', id, reason.toString('latin1'));
      exchanges.closed(id);
    } catch (error) {
      exchanges.failed(id, error as Error);
    }
  });
}
