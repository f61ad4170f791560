import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Test } from 'tap';

/**
 * A relay like many proxies: at the FIN of either end it ends both directions, and loses
 * whatever the other end sends from then on. It treats a reset like any other end.
 *
 * @returns the port on which it relays to `port`.
 */
export async function relayTo(t: Test, port: number): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (caller) => {
    const callee = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    for (const [from, to] of [
      [caller, callee],
      [callee, caller],
    ] as const) {
      sockets.add(from);
      from.on('data', (octets) => to.writable && to.write(octets));
      for (const event of ['end', 'error']) {
        from.on(event, () => {
          for (const end of [caller, callee]) end.destroySoon();
        });
      }
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}
