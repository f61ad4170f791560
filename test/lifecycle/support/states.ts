import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { threadId } from 'node:worker_threads';
import {
  accept,
  connect as dial,
  createServer,
  type Server,
  type Socket,
} from '../../../src/index.js';
import { connect } from '../../../src/promises.js';
import { listening, dialing } from '../../support/seam.js';
import { callerPreface } from '../../support/wire.js';
import { host, type Target } from './exchange.js';

/** More octets than the system's buffers hold. */
const MUCH = Buffer.alloc(16 * 1024 * 1024);

const quiet = () => {};

/**
 * Opens a connection in every state, on TCP and on a pipe, and resolves when each is
 * reached.
 *
 * @returns a function that opens those whose states last only a tick.
 */
export async function openEveryState(folder: string): Promise<() => void> {
  const places: Target[] = [
    { port: 0, host },
    { path: path.join(folder, `t${threadId}`) },
  ];
  const lasts = await Promise.all(places.map(openAt));
  return () => {
    for (const last of lasts) last();
  };
}

async function openAt(place: Target): Promise<() => void> {
  let ondeferred = quiet;
  const deferred = new Promise<void>((resolve) => {
    ondeferred = resolve;
  });
  const callees = new Map<string, Socket>();
  const server = createServer({
    allowHalfOpen: true,
    pauseOnConnect: true,
    condition({ callerData }) {
      if (String(callerData) !== 'deferred') return accept();
      ondeferred();
      return new Promise(quiet);
    },
  });
  server.on('connection', (callee) => {
    callee.on('error', quiet);
    callees.set(String(callee.callerData), callee);
  });
  server.listen(place);
  await once(server, 'listening');
  const target = targetOf(server, place);

  const pair = async (callerData: string) => {
    const caller = await connect({
      ...target,
      callerData,
      allowHalfOpen: true,
    });
    caller.on('error', quiet);
    caller.pause();
    while (!callees.has(callerData)) await once(server, 'connection');
    return { caller, callee: callees.get(callerData)! };
  };

  dial({ ...target, callerData: 'deferred' }).on('error', quiet);
  await deferred;
  await offer(place);
  await beginHandshakes(server, target, place);

  await pair('open');

  const queued = await pair('queued');
  queued.caller.write(MUCH);
  queued.callee.write('here too');
  queued.callee.write(MUCH);

  const paused = await pair('paused');
  paused.callee.write('unread');
  await once(paused.caller, 'readable');

  const caller = await pair('half closed by the caller');
  caller.callee.resume();
  caller.caller.end('that is all');
  await once(caller.callee, 'end');

  const callee = await pair('half closed by the callee');
  callee.caller.resume();
  callee.callee.end('that is all');
  await once(callee.caller, 'end');

  const lingering = await pair('lingering until the peer ends');
  lingering.caller.destroy();
  const sending = await pair('lingering until all is sent');
  sending.caller.write(MUCH);
  sending.caller.destroy();

  const reset = await pair('reset under way');
  const farewell = await pair('reset under way behind data');
  farewell.caller.write(MUCH);
  return () => {
    reset.caller.resetAndDestroy();
    farewell.caller.resetAndDestroy();
    dial(target).on('error', quiet);
    if ('path' in target) return;
    dial({ ...target, host: 'localhost' }).on('error', quiet);
    dial({ ...target, host: 'never', lookup: quiet }).on('error', quiet);
  };
}

function targetOf(server: Server | net.Server, place: Target): Target {
  return 'path' in place
    ? { path: server.address() as string }
    : { host, port: (server.address() as AddressInfo).port };
}

function besides(place: Target, suffix: string): Target {
  return 'path' in place ? { path: place.path + suffix } : place;
}

/** A request that is offered, but not decided. */
async function offer(place: Target): Promise<void> {
  const listener = await listening(besides(place, '-seam'));
  const { address, port } = listener.socket.localAddress!;
  dialing('path' in place ? { path: address } : { host, port });
  await listener.next('request');
}

/** Callers and callees whose peers send nothing more. */
async function beginHandshakes(
  server: Server,
  target: Target,
  place: Target,
): Promise<void> {
  const pending = server.statistics?.pending;
  const caller = net.connect(target as net.NetConnectOpts);
  caller.on('error', quiet).write(callerPreface.subarray(0, 3));
  while (server.statistics?.pending === pending) {
    await new Promise(setImmediate);
  }

  const callee = net.createServer((socket) => socket.on('error', quiet));
  callee.listen(besides(place, '-raw'));
  await once(callee, 'listening');
  dial(targetOf(callee, place)).on('error', quiet);
  const [socket] = (await once(callee, 'connection')) as [net.Socket];
  await once(socket, 'data');
}
