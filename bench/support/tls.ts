import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { connect, TLSSocket, type ConnectionOptions } from 'node:tls';
import type { Place } from './place.js';

/** TLS 1.3, with a full handshake for each connection or a resumed one. */
export class Tls {
  /** For `createServer()`. */
  readonly server: { key: Buffer; cert: Buffer; minVersion: 'TLSv1.3' };
  readonly #resumes: boolean;

  constructor(resumes: boolean) {
    this.server = { ...testCertificate(), minVersion: 'TLSv1.3' };
    this.#resumes = resumes;
  }

  /** Options for connecting to this server. */
  async client(place: Place): Promise<ConnectionOptions> {
    const options = { ca: this.server.cert, servername: 'localhost' };
    if (!this.#resumes) return options;
    // A ticket is good for any number of connections.
    const socket = connect({ ...options, ...place });
    const [session] = (await once(socket, 'session')) as [Buffer];
    // The server takes it for a failed caller, which must be over before others call.
    const closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
    socket
      .on('error', () => {})
      .resume()
      .end();
    await closed;
    return { ...options, session };
  }

  /** @throws unless the handshake was the one that is measured. */
  check(socket: unknown): void {
    if (!(socket instanceof TLSSocket)) throw new Error('this is not TLS');
    if (socket.isSessionReused() === this.#resumes) return;
    throw new Error(`the session was ${this.#resumes ? 'not ' : ''}resumed`);
  }
}

export function testCertificate(): { key: Buffer; cert: Buffer } {
  // Compiled, this file stands four folders below the project's root.
  const folder = path.resolve(
    import.meta.dirname,
    '../../../test/fixtures/tls',
  );
  return {
    key: readFileSync(path.join(folder, 'key.pem')),
    cert: readFileSync(path.join(folder, 'cert.pem')),
  };
}
