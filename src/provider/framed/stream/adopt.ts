import type { Duplex } from 'node:stream';
import type { TakeConnection } from '../listener.js';
import { StreamTransport } from './transport.js';

/** How a listener takes a connected Duplex in. */
export function takeStream(stream: Duplex): TakeConnection {
  return (sink, options) => new StreamTransport(stream, sink, options);
}
