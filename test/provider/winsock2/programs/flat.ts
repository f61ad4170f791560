import { once } from 'node:events';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { createServer, type AddressInfo } from '../../../../src/index.js';
import { connect } from '../../../../src/promises.js';
import { theWinsockLoop } from '../../../../src/provider/winsock2/loop.js';

/** Connections at a time. */
const SIDE_BY_SIDE = 10;
/** Connections until which pools and caches grow. */
const WARM_UP = 100;

export interface Counts {
  /** Handles of the process. */
  before: number;
  after: number;
  /** Sockets that are open at the end. */
  open: number;
}

/** Connects, exchanges a few words, and ends, this many times. */
export async function runFlat(
  provider: string,
  connections: number,
): Promise<Counts> {
  const { native } = theWinsockLoop();
  const server = createServer({ provider }, (socket) => {
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const one = async (): Promise<void> => {
    const socket = await connect({ port, host: '127.0.0.1', provider });
    socket.resume();
    socket.write('word');
    await socket.disconnect();
    socket.destroy();
  };
  const some = async (count: number): Promise<void> => {
    for (let left = count; left > 0; left -= SIDE_BY_SIDE) {
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, one));
    }
  };
  await some(WARM_UP);
  const before = native.countHandles();
  await some(connections);
  const after = native.countHandles();
  server.close();
  await once(server, 'close');
  return { before, after, open: native.countOpen() };
}

const [, program, provider, connections] = argv;
if (
  provider !== undefined &&
  import.meta.url === pathToFileURL(program!).href
) {
  const counts = await runFlat(provider, Number(connections));
  process.stdout.write(`${JSON.stringify(counts)}\n`);
}
