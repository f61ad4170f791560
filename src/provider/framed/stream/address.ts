import { Socket as NetSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Address } from '../../provider.js';

/** Our end of a stream; `undefined` where it tells none. */
export function localAddressOf(stream: Duplex): Address | undefined {
  if (!(stream instanceof NetSocket)) return undefined;
  return addressOf(stream.localFamily, stream.localAddress, stream.localPort);
}

/** The peer's end of a stream; `undefined` where it tells none. */
export function remoteAddressOf(stream: Duplex): Address | undefined {
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
