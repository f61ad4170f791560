import { AF_INET, AF_UNIX, type SOCKADDR } from '../../src/winsock/index.js';
import { pipePath } from '../support/place.js';
import { testCertificate } from '../support/tls.js';

/** A medium for a soak. */
export interface Medium {
  family: number;
  /** Where to listen. */
  name(): SOCKADDR;
  serverTls?: { key: Buffer; cert: Buffer };
  clientTls?: { ca: Buffer; servername: string };
}

const anyPort = () => ({ family: AF_INET, address: '127.0.0.1', port: 0 });

export const media = {
  tcp: { family: AF_INET, name: anyPort },
  unix: {
    family: AF_UNIX,
    name: () => ({ family: AF_UNIX, address: pipePath(), port: 0 }),
  },
  get tls() {
    const { key, cert } = testCertificate();
    return {
      family: AF_INET,
      name: anyPort,
      serverTls: { key, cert },
      clientTls: { ca: cert, servername: 'localhost' },
    };
  },
} satisfies Record<string, Medium>;

export type MediumName = keyof typeof media;
