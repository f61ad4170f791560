// The exchange by hand over node:net, as a careful author writes it: typed
// messages behind their length, which is checked; a verdict before anything
// else; half-close, so that neither last word is lost; a time limit for the
// handshake. Input is always read, so that no reset destroys a last word.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Done, Work } from '../support/work.js';
import { Exchanges, IN_FLIGHT, expectWord, idOf, word } from './exchanges.js';

const HEADER = 3;
const MOST = 4096;
const HANDSHAKE_TIMEOUT = 10_000;

const CONNECT = 1;
const ACCEPT = 2;
const LAST_WORD = 3;

const halfOpen = { allowHalfOpen: true, noDelay: true };

export async function open(): Promise<Work> {
  const exchanges = new Exchanges();
  const server = createServer(halfOpen, (socket) => {
    serve(socket, exchanges);
  });
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

function call(port: number, exchanges: Exchanges, done: Done): void {
  const id = exchanges.begin(done);
  const socket = connect({ ...halfOpen, port, host: '127.0.0.1' });
  let lastWord: string | undefined;
  const fail = (error: Error) => {
    exchanges.failed(id, error);
    socket.destroy();
  };
  onMessages(socket, fail, (type, text) => {
    if (type === ACCEPT) {
      expectWord('callee', id, text);
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

function message(type: number, text: string): Buffer {
  const octets = Buffer.allocUnsafe(HEADER + text.length);
  octets[0] = type;
  octets.writeUInt16BE(text.length, 1);
  octets.write(text, HEADER, 'latin1');
  return octets;
}

/** Finds the messages in the input, however it was split on its way. */
function onMessages(
  socket: Socket,
  fail: (error: Error) => void,
  onmessage: (type: number, text: string) => void,
): void {
  let rest: Buffer | undefined;
  const take = (chunk: Buffer) => {
    let octets = rest ? Buffer.concat([rest, chunk]) : chunk;
    while (octets.length >= HEADER) {
      const length = octets.readUInt16BE(1);
      if (length > MOST) throw new Error(`a message of ${length} octets`);
      const end = HEADER + length;
      if (octets.length < end) break;
      onmessage(octets[0]!, octets.toString('latin1', HEADER, end));
      octets = octets.subarray(end);
    }
    rest = octets.length > 0 ? octets : undefined;
  };
  socket.on('data', (chunk: Buffer) => {
    try {
      take(chunk);
    } catch (error) {
      fail(error as Error);
    }
  });
}
