// A caller that lives until it is killed. It connects to the given target, does as much
// of a session as the arguments say, and then prints a line.
import { connect } from 'goodbyte/promises';
import type { Socket } from 'goodbyte';
import { clientTls } from './places.js';

/** How far a session gets before the process is killed. */
const stages: Record<string, (socket: Socket) => void> = {
  open: (socket) => void socket.resume(),
  sending: (socket) => void socket.resume().write('half a thing'),
  /** It reads nothing of what the peer sends. */
  'not reading': (socket) => void socket.pause(),
};

const [target = '', stage = 'open', tls, octets = '0'] = process.argv.slice(2);
const socket = await connect({
  callerData: 'a teller, 0',
  ...JSON.parse(target),
  ...(tls === 'tls' && { tls: clientTls }),
});
stages[stage]!(socket);
if (octets !== '0') {
  await new Promise((sent) =>
    socket.write(Buffer.alloc(Number(octets), 'd'), sent),
  );
}
process.stdout.write('up\n');
