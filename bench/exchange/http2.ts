// The exchange over HTTP/2. Like the others, each exchange has its own
// connection, here a session with one stream: the first words are headers of the
// request and the response, and the last words are the bodies.
import {
  connect,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Readable } from 'node:stream';
import type { Medium } from '../support/medium.js';
import { authorityOf, listenAt } from '../support/place.js';
import type { Done, Work } from '../support/work.js';
import { Exchanges, expectWord, idOf, word } from './exchanges.js';

const CALLER_DATA = 'x-caller-data';
const CALLEE_DATA = 'x-callee-data';

export async function open({ place }: Medium, lanes: number): Promise<Work> {
  const exchanges = new Exchanges();
  const server = createServer();
  server.on('stream', (stream, headers) => {
    serve(stream, headers, exchanges);
  });
  server.on('sessionError', (error) => {
    exchanges.failed(undefined, error);
  });
  const url = `http://${authorityOf(await listenAt(server, place))}`;
  return exchanges.work(lanes, (done) => {
    call(url, exchanges, done);
  });
}

function serve(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  exchanges: Exchanges,
): void {
  const id = idOf(String(headers[CALLER_DATA]));
  stream.respond({ ':status': 200, [CALLEE_DATA]: word('callee', id) });
  stream.on('error', (error) => {
    exchanges.failed(id, error);
  });
  stream.session?.once('close', () => {
    exchanges.closed(id);
  });
  onBody(stream, (body) => {
    try {
      expectWord('client', id, body);
      stream.end(word('server', id));
    } catch (error) {
      exchanges.failed(id, error as Error);
    }
  });
}

function call(url: string, exchanges: Exchanges, done: Done): void {
  const id = exchanges.begin(done);
  const session = connect(url);
  const request = session.request(
    { ':method': 'POST', ':path': '/', [CALLER_DATA]: word('caller', id) },
    { endStream: false },
  );
  const fail = (error: Error) => {
    exchanges.failed(id, error);
    session.destroy();
  };
  session.on('error', fail);
  request.on('error', fail);
  request.on('response', (headers) => {
    try {
      expectWord('callee', id, String(headers[CALLEE_DATA]));
      request.end(word('client', id));
    } catch (error) {
      fail(error as Error);
    }
  });
  onBody(request, (body) => {
    try {
      expectWord('server', id, body);
      session.close();
    } catch (error) {
      fail(error as Error);
    }
  });
  session.on('close', () => {
    exchanges.closed(id);
  });
}

function onBody(stream: Readable, then: (body: string) => void): void {
  let body = '';
  stream.on('data', (chunk: Buffer) => {
    body += chunk.toString('latin1');
  });
  stream.on('end', () => {
    then(body);
  });
}
