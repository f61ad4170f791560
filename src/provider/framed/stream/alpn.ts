import type { TlsOptions } from 'node:tls';
import { ALPN_PROTOCOL } from '../wire.js';

/**
 * Options of a TLS server that names its protocol (RFC 7301).
 *
 * @param allowPlain callers that do not offer goodbyte's name are served as
 *  well: under a name that the user lists, or else one of the caller's, since
 *  Node breaks off a handshake without an agreed name.
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
      // The octets that follow are not HTTP/2.
      protocols.find((name) => name !== 'h2') ??
      protocols[0],
  };
}
