import { FramedListener } from '../listener.js';
import type { TransportFactory } from '../socket.js';
import { takeStream } from './adopt.js';
import { dial } from './dial.js';
import { StreamServer } from './server.js';

/** The transports that Node's own streams make. */
export const streamTransports: TransportFactory = {
  dial,
  createListener(socket) {
    return new FramedListener(
      socket,
      streamTransports,
      (sink) => new StreamServer(sink, socket.options),
      takeStream,
    );
  },
};
