import { once, type EventEmitter } from 'node:events';
import { listenAt, type Listener, type Place } from './place.js';

/** The part of a socket that is needed here. */
export interface Socketlike extends EventEmitter {
  write(octets: Buffer): boolean;
}

interface Events {
  /** The server's for a connection that can be used. */
  readonly accepted: string;
  /** The caller's. */
  readonly connected: string;
}

/** Makes one connection, with both ends in this process. */
export async function oneConnection(
  server: Listener,
  place: Place,
  connect: (at: Place) => Socketlike | Promise<Socketlike>,
  events: Events = { accepted: 'connection', connected: 'connect' },
): Promise<{ caller: Socketlike; callee: Socketlike }> {
  const accepted = once(server, events.accepted);
  const caller = await connect(await listenAt(server, place));
  const [[callee]] = await Promise.all([
    accepted as Promise<[Socketlike]>,
    once(caller, events.connected),
  ]);
  return { caller, callee };
}
