import type {
  ConnectTarget,
  ListenTarget,
} from '../../src/provider/provider.js';
import { clientTls, freePipePath, serverTls } from './places.js';
import { addressOf, type WatchedListener } from './seam.js';

export { clientTls, freePipePath, serverTls };

/** A medium for framing, and how to listen and connect there. */
export interface Medium {
  name: string;
  listen(): ListenTarget;
  connect(listener: WatchedListener): ConnectTarget;
  /** Whether an abort is a reset that the system itself makes. */
  hasReset: boolean;
}

const tcp = (name: string, host: string | undefined, via: string): Medium => ({
  name,
  listen: () => (host === undefined ? { port: 0 } : { port: 0, host }),
  connect: (listener) => ({ port: addressOf(listener).port, host: via }),
  hasReset: true,
});

export const media: readonly Medium[] = [
  tcp('TCP over IPv4', '127.0.0.1', '127.0.0.1'),
  tcp('TCP over IPv6', '::1', '::1'),
  tcp('TCP, dual stack', undefined, '127.0.0.1'),
  {
    name: 'a Unix socket or named pipe',
    listen: () => ({ path: freePipePath() }),
    connect: (listener) => ({ path: addressOf(listener).address }),
    hasReset: false,
  },
  {
    name: 'TLS',
    listen: () => ({ port: 0, host: '127.0.0.1', tls: serverTls }),
    connect: (listener) => ({
      port: addressOf(listener).port,
      host: '127.0.0.1',
      tls: clientTls,
    }),
    hasReset: false,
  },
  {
    name: 'TLS over a Unix socket or named pipe',
    listen: () => ({ path: freePipePath(), tls: serverTls }),
    connect: (listener) => ({
      path: addressOf(listener).address,
      tls: clientTls,
    }),
    hasReset: false,
  },
];
