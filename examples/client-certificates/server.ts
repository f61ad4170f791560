// Asks each client for a certificate, and decides by its name. A client without a
// certificate, or with one from another authority, fails at TLS; one that may not post
// is refused with a reason.
//
//   node dist/examples/client-certificates/server.js FOLDER [PORT]
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { accept, createServer, reject, type AddressInfo } from 'goodbyte';

const [folder = '.', port = '4711'] = process.argv.slice(2);
const read = (name: string) => readFileSync(path.join(folder, name));

/** Who may post. */
const tellers = new Set(['ann', 'bea']);

const server = createServer(
  {
    tls: {
      cert: read('server.pem'),
      key: read('server.key'),
      // Only this authority's clients get through.
      ca: read('ca.pem'),
      requestCert: true,
      rejectUnauthorized: true,
    },
    // The certificate says who the caller is; its data says what it wants.
    condition({ stream, callerData }) {
      const name = nameOf(stream as TLSSocket);
      if (!tellers.has(name)) return reject(`${name} may not post`);
      console.log(`${name} calls: ${String(callerData)}`);
      return accept({ calleeData: `good morning, ${name}` });
    },
  },
  (socket) => {
    socket.resume();
    socket.answer = () => `so long, ${nameOf(socket.stream as TLSSocket)}`;
  },
);
server.on('handshakeError', ({ message }) => {
  console.log(`a handshake failed: ${message}`);
});

function nameOf(stream: TLSSocket): string {
  return String(stream.getPeerCertificate().subject.CN);
}

server.listen(Number(port));
await once(server, 'listening');
console.log(`port ${(server.address() as AddressInfo).port}`);
