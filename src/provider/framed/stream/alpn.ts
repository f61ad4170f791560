import type { TlsOptions } from 'node:tls';
import { ALPN_PROTOCOL } from '../wire.js';

/**
 * Options of a TLS server that names what it speaks (RFC 7301).
 *
 * @param allowPlain a caller that does not offer goodbyte's name is served as
 *  well: in the name that the user lists, or else in one of its own, since Node
 *  breaks the handshake off where none is agreed on.
 */
export function withAlpn(options: TlsOptions, allowPlain: boolean): TlsOptions {
  const { ALPNCallback, ALPNProtocols = [ALPN_PROTOCOL] } = options;
  if (ALPNCallback) return options;
  if (!allowPlain || !Array.isArray(ALPNProtocols)) {
    return { ...options, ALPNProtocols };
  }
  const listed = [ALPN_PROTOCOL, ...(ALPNProtocols as string[])];
  return {
    ...options,
    ALPNProtocols: undefined,
    ALPNCallback: ({ protocols }) =>
      listed.find((name) => protocols.includes(name)) ??
      // The octets that follow are not what HTTP/2's name promises.
      protocols.find((name) => name !== 'h2') ??
      protocols[0],
  };
}
