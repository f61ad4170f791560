import { Writable } from 'node:stream';
import type { Socket } from '../socket.js';

/** The internal stream state that matters here. */
interface Insides {
  _readableState: {
    /** A list of its own until Node 22, an array since. */
    buffer: unknown[] | { clear(): void };
    bufferIndex?: number;
    length: number;
    emittedReadable: boolean;
  };
  _writableState: { defaultEncoding: BufferEncoding };
  _undestroy: () => void;
}

const { WritableState } = Writable as unknown as {
  WritableState: new (
    options: object,
    stream: object,
    isDuplex: boolean,
  ) => Insides['_writableState'];
};

/**
 * Restarts a destroyed stream, as net does, and also clears the state of
 * earlier reads and writes, which net keeps.
 *
 * @param options those that the stream was made with.
 */
export function renew(socket: Socket, options: object): void {
  const stream = socket as unknown as Insides;
  const { _undestroy: begin, _readableState: reading } = stream;
  Reflect.apply(begin, socket, []);

  // Listeners and pipes refer to this object, so it is kept.
  if (Array.isArray(reading.buffer)) {
    reading.buffer.length = 0;
    reading.bufferIndex = 0;
  } else {
    reading.buffer.clear();
  }
  reading.length = 0;
  reading.emittedReadable = false;
  // Half a character may be left in the decoder.
  const encoding = socket.readableEncoding;
  if (encoding) socket.setEncoding(encoding);

  // Writes without a callback yet count in the old state.
  const { _writableState: old } = stream;
  const writing = new WritableState(options, socket, true);
  writing.defaultEncoding = old.defaultEncoding;
  Object.assign(socket, { _writableState: writing });
}
