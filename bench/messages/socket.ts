import { connect, createServer } from '../../src/index.js';
import type { Medium } from '../support/medium.js';
import { oneConnection } from '../support/one-connection.js';
import type { Work } from '../support/work.js';
import { Messages, type Size } from './messages.js';

const socketType = 'message';

export async function open({ place }: Medium, size: Size): Promise<Work> {
  const { caller, callee } = await oneConnection(
    createServer({ socketType }),
    place,
    (at) => connect({ ...at, socketType }),
  );
  let isFull = false;
  const work = new Messages(size, (message) => {
    if (isFull) return false;
    isFull = !caller.write(message);
    return true;
  });
  caller.on('drain', () => {
    isFull = false;
    work.goOn();
  });
  callee.on('data', (message: Buffer) => {
    work.received(message);
  });
  return work;
}
