// A server behind nginx or HAProxy that knows who has called: the proxy says so
// by the PROXY protocol. nginx.conf and haproxy.cfg are beside this file.
//
//   node dist/examples/behind-a-proxy/server.js [PORT]
import { once } from 'node:events';
import { BlockList } from 'node:net';
import { accept, createServer, type AddressInfo } from 'goodbyte';

// From these addresses a PROXY header is believed, and asked for. Here the proxy
// runs on this machine; name yours.
const proxies = new BlockList();
proxies.addAddress('127.0.0.1');

const server = createServer(
  {
    proxyProtocol: proxies,
    // Below twice the proxy's own limit: idle connections stay open.
    idleTimeout: 60_000,
    condition: ({ callerId }) =>
      accept({ calleeData: `you are ${callerId.address}` }),
  },
  (socket) => {
    socket.resume();
    socket.answer = () => `so long, ${socket.remoteAddress}`;
  },
);
server.on('handshakeError', ({ message }) => console.error(message));

process.once('SIGTERM', () => {
  void server.drain({ data: 'restarting', deadline: 10_000 });
});

// The proxy alone may reach this port.
server.listen(Number(process.argv[2] ?? 4712), '127.0.0.1');
await once(server, 'listening');
console.log(`port ${(server.address() as AddressInfo).port}`);
