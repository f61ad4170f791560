import { Socket as NetSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Address } from '../../provider.js';
import type { Ends } from './proxy-header.js';

/** A connection's ends, as its proxy stated them. */
const told = new WeakMap<Duplex, Ends>();

/** Makes a stream report these ends instead of its own. */
export function tellEnds(stream: Duplex, ends: Ends): void {
  told.set(stream, ends);
}

/** The ends that {@link tellEnds} set for a stream. */
export function toldEnds(stream: Duplex): Ends | undefined {
  return told.get(stream);
}

/** Our end of a stream; `undefined` if it has no address. */
export function localAddressOf(stream: Duplex): Address | undefined {
  const ends = told.get(stream);
  if (ends) return ends.local;
  if (!(stream instanceof NetSocket)) return undefined;
  return addressOf(stream.localFamily, stream.localAddress, stream.localPort);
}

/** The peer's end of a stream; `undefined` if it has no address. */
export function remoteAddressOf(stream: Duplex): Address | undefined {
  const ends = told.get(stream);
  if (ends) return ends.remote;
  if (!(stream instanceof NetSocket)) return undefined;
  return addressOf(
    stream.remoteFamily,
    stream.remoteAddress,
    stream.remotePort,
  );
}

function addressOf(
  family: string | undefined,
  address: string | undefined,
  port: number | undefined,
): Address | undefined {
  if (address === undefined || port === undefined) return undefined;
  return { family: family === 'IPv6' ? 'IPv6' : 'IPv4', address, port };
}
