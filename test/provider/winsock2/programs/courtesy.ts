// A socket is destroyed without a word; its peer reads everything and does not end.
// Prints what the peer receives until nothing keeps the process alive.
import { once } from 'node:events';
import { argv, stdout } from 'node:process';
import { createServer, type AddressInfo } from 'goodbyte';
import { connect } from 'goodbyte/promises';

const [provider] = argv.slice(2);
const server = createServer({ provider, allowHalfOpen: true }, (socket) => {
  let octets = 0;
  socket.on('data', (data) => (octets += data.length));
  socket.on('end', () => stdout.write(`${octets} octets, and the end\n`));
  socket.unref();
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
// Nobody waits for that long.
const lingerTimeout = 2 ** 30;
const to = { port, host: '127.0.0.1', provider, lingerTimeout };
const socket = await connect(to);
server.unref();
socket.write(Buffer.alloc(1_000_000));
socket.destroy();
