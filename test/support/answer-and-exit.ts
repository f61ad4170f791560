// A program that only answers the peer's last word: it destroys its socket and releases
// everything else.
import { connect } from 'goodbyte/promises';

const socket = await connect(Number(process.argv[2]), '127.0.0.1');
socket.write(Buffer.alloc(2 * 1024 * 1024));
socket.unref();
if (process.argv[3] === 'disconnect') {
  void socket.disconnect('from a process at its end').catch(() => {});
}
socket.destroySoon();
