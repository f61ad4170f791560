import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { Medium } from '../support/medium.js';
import { authorityOf } from '../support/place.js';
import type { Work } from '../support/work.js';
import { Messages, type Size } from './messages.js';

const plain = { perMessageDeflate: false };

/** Octets that `ws` may queue, as many as Node's sockets do. */
const MOST = 16 * 1024;

export async function open({ place }: Medium, size: Size): Promise<Work> {
  const server = new WebSocketServer({ ...plain, ...place });
  await once(server, 'listening');
  const { address: host, port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection') as Promise<[WebSocket]>;
  const caller = new WebSocket(`ws://${authorityOf({ host, port })}`, plain);
  const [[callee]] = await Promise.all([accepted, once(caller, 'open')]);
  let isFull = false;
  const goOn = () => {
    isFull = false;
    work.goOn();
  };
  const work = new Messages(size, (message) => {
    if (isFull) return false;
    isFull = caller.bufferedAmount + message.length >= MOST;
    if (isFull) caller.send(message, goOn);
    else caller.send(message);
    return true;
  });
  callee.on('message', (message: Buffer) => {
    work.received(message);
  });
  return work;
}
