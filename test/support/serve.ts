import { once } from 'node:events';
import type { Test } from 'tap';
import { createServer, type Server, type Socket } from '../../src/index.js';
import { connect } from '../../src/promises.js';
import type { ServerOptions } from '../../src/server/options.js';
import type { TcpConnectOptions } from '../../src/socket/options.js';

/** A server that listens until the test is over. */
export async function serve(
  t: Test,
  options: ServerOptions = {},
  listener?: (socket: Socket) => void,
): Promise<{ server: Server; port: number }> {
  const server = createServer(options, listener);
  const accepted = new Set<Socket>();
  server.on('connection', (socket) => accepted.add(socket));
  t.teardown(() => {
    for (const socket of accepted) socket.resetAndDestroy();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: portOf(server) };
}

export function portOf(server: Server): number {
  return (server.address() as { port: number }).port;
}

/** Both ends of a connection. */
export async function connected(
  t: Test,
  serverOptions: ServerOptions = {},
  clientOptions: Partial<TcpConnectOptions> = {},
): Promise<{ server: Server; caller: Socket; callee: Socket; port: number }> {
  const { server, port } = await serve(t, serverOptions);
  const accepted = once(server, 'connection');
  const caller = await connect({ host: '127.0.0.1', ...clientOptions, port });
  t.teardown(() => {
    caller.resetAndDestroy();
  });
  const [callee] = (await accepted) as [Socket];
  return { server, caller, callee, port };
}

/** Records an emitter's events, in order. */
export function record(
  emitter: { on(event: string, listener: (arg: unknown) => void): unknown },
  ...events: string[]
): string[] {
  const seen: string[] = [];
  for (const event of events) {
    emitter.on(event, (arg) => {
      seen.push(
        event === 'data' || event === 'disconnect'
          ? `${event} ${String(arg)}`
          : event,
      );
    });
  }
  return seen;
}
