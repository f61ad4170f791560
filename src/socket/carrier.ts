import { Socket as NetSocket, type SocketConstructorOpts } from 'node:net';
import { invalidArgValue, isThere } from '../arguments.js';
import { providerOf, socketOptionsOf } from '../connection-options.js';
import type { ProviderConnection } from '../provider/provider.js';
import { Handle } from './handle.js';
import type { SocketConstructorOptions } from './options.js';

/** An open connection for a new Socket. */
export interface Carrier {
  readonly provider: ProviderConnection;
  /** That it was given by. */
  readonly handle?: Handle;
}

/**
 * The connection that the options `fd` and `handle` name: one of another
 * Socket's, or what a net.Socket makes of it. Its peer speaks no framing.
 *
 * @throws as net.Socket does.
 */
export function carrierOf(
  options: SocketConstructorOptions,
): Carrier | undefined {
  const { handle, fd } = options;
  if (handle instanceof Handle) {
    const provider = handle.handOver();
    if (provider) return { provider, handle };
    throw invalidArgValue('options.handle', handle, 'must be open');
  }
  if (!handle && fd === undefined) return undefined;
  const socketOptions = socketOptionsOf(options);
  const { createPlainConnection } = providerOf(options, {});
  for (const name of ['tls', 'socketType', 'provider'] as const) {
    const value = options[name];
    const isPlain =
      name === 'provider' ? createPlainConnection : value === 'stream';
    if (!isThere(value) || isPlain) continue;
    const what = handle ? 'handle' : 'fd';
    throw invalidArgValue(
      `options.${name}`,
      value,
      `cannot be with ${what}: that is a plain connection`,
    );
  }
  const { readable, writable } = options;
  const stream = new NetSocket({
    handle,
    fd,
    readable,
    writable,
    allowHalfOpen: true,
  } as SocketConstructorOpts);
  return { provider: createPlainConnection!(stream, socketOptions) };
}
