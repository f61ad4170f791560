// A server behind nginx or HAProxy that knows its callers' addresses: the proxy sends
// them by the PROXY protocol. nginx.conf and haproxy.cfg are beside this file.
//
//   node dist/examples/behind-a-proxy/server.js [PORT]
import { once } from 'node:events';
import { BlockList } from 'node:net';
import { accept, createServer, type AddressInfo } from 'goodbyte';

// A PROXY header from these addresses is required, and believed. Here the proxy runs on
// this machine; name yours.
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

// Only the proxy may reach this port.
server.listen(Number(process.argv[2] ?? 4712), '127.0.0.1');
await once(server, 'listening');
console.log(`port ${(server.address() as AddressInfo).port}`);
