// Makes each allocation of the addon fail in turn, and checks that every connection
// ends, gracefully or with an error, on both sides.
//
//   node allocation.js tcp|pipe <folder for pipes>
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import {
  accept,
  connect,
  createServer,
  type Socket,
} from '../../../src/index.js';
import { loadNative } from '../../../src/native.js';
import { FrameType } from '../../../src/provider/framed/wire.js';
import { call, disconnectFrame, frame } from '../../support/wire.js';
import { host, openHandles, print, untilOpen } from '../support/exchange.js';

/** More octets than the system's buffers hold. */
const MUCH = Buffer.alloc(8 * 1024 * 1024);
const PIECE = MUCH.subarray(0, 200_000);
const [medium, folder = ''] = process.argv.slice(2);
const native = loadNative().native!;

interface Work {
  socketType: 'stream' | 'message';
  /** Connections with more data than the system buffers. */
  heavy: number;
  /** Peers that send everything at once, and wait. */
  hasty: number;
  /** Connections that exchange a few words. */
  light: number;
}

// The second time buffers have grown, and allocate no more.
const works: Work[] = [
  { socketType: 'stream', heavy: 2, hasty: 2, light: 1 },
  { socketType: 'stream', heavy: 2, hasty: 2, light: 1 },
  { socketType: 'message', heavy: 2, hasty: 0, light: 1 },
  { socketType: 'message', heavy: 2, hasty: 0, light: 1 },
  { socketType: 'stream', heavy: 0, hasty: 0, light: 40 },
];

/** How a connection ended, in one word. */
function ending(socket: Socket): Promise<string> {
  let code = 'well';
  socket.on('error', (error: NodeJS.ErrnoException) => {
    code = error.code ?? error.message;
  });
  return new Promise((resolve) => {
    socket.on('close', () => {
      resolve(code);
    });
  });
}

async function run(
  nth: number,
  { socketType, heavy, hasty, light }: Work,
): Promise<{ left: number; codes: string[] }> {
  const callees: Promise<string>[] = [];
  const server = createServer(
    {
      socketType,
      // So that data after the request is held, in more than one piece.
      condition: async () => {
        for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
        return accept({ calleeData: 'good morning' });
      },
    },
    (callee) => {
      callees.push(ending(callee));
      callee.resume();
      callee.answer = () => {
        callee.write(PIECE);
        return 'that was all';
      };
    },
  );
  server.on('error', () => {});
  native.failAllocation!(nth);
  server.listen(
    medium === 'tcp' ? { port: 0, host } : { path: path.join(folder, 'pipe') },
  );
  const listens = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  const codes: string[] = [];
  if (listens) {
    const address = server.address()!;
    const target =
      typeof address === 'string'
        ? { path: address }
        : { host, port: address.port };
    const callers = Array.from({ length: heavy + light }, (_, index) => {
      const caller = connect({ ...target, socketType, callerData: 'a caller' });
      const ended = ending(caller);
      caller.resume();
      if (index < heavy) {
        if (socketType === 'stream') caller.write(MUCH);
        for (let piece = 0; piece < 40; piece++) caller.write(PIECE);
      }
      for (let word = 0; word < 20; word++) caller.write(`word ${word}`);
      caller.disconnect('that is all').catch(() => {});
      return ended;
    });
    const peers = Array.from({ length: hasty }, () => sayAllAtOnce(target));
    codes.push(...(await Promise.all(callers)));
    await Promise.all(peers);
  }
  const left = native.failAllocation!(0);
  if (listens) {
    server.close();
    await once(server, 'close');
  }
  codes.push(...(await Promise.all(callees)));
  await untilOpen(0);
  return { left, codes };
}

async function sayAllAtOnce(target: net.NetConnectOpts): Promise<void> {
  const peer = net.connect(target).on('error', () => {});
  peer.resume().setNoDelay();
  const closed = new Promise((resolve) => peer.once('close', resolve));
  peer.write(call());
  for (let word = 0; word < 10; word++) {
    await new Promise(setImmediate);
    peer.write(frame(FrameType.DATA, `word ${word}`));
  }
  peer.end(disconnectFrame('that is all'));
  await closed;
}

const codes = new Set<string>();
let failures = 0;
let allWell = true;
for (const work of works) {
  for (let nth = 1; ; nth++) {
    const outcome = await run(nth, work);
    for (const code of outcome.codes) codes.add(code);
    if (outcome.left > 0) {
      // No allocation failed, so every connection must end gracefully.
      allWell &&= outcome.codes.every((code) => code === 'well');
      break;
    }
    failures++;
  }
}
print({ failures, allWell, codes: [...codes].toSorted(), open: openHandles() });
