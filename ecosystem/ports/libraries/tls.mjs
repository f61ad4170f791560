// node:tls inside goodbyte's connections, both ends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import tls from 'node:tls';
import { certificate } from '../certificate.mjs';
import { leave, listen, net, sayGoodbye } from '../libraries.mjs';

const served = tls.createServer(certificate, (secure) => {
  secure.on('error', () => {});
  secure.pipe(secure);
});
const port = await listen(
  net.createServer((socket) => served.emit('connection', socket)),
);
const socket = net.connect(port, '127.0.0.1');
const secure = tls.connect({ socket, rejectUnauthorized: false });
secure.on('error', () => {});
await once(secure, 'secureConnect');
secure.write('hello');
const [echo] = await once(secure, 'data');
assert.equal(String(echo), 'hello');
await sayGoodbye();
leave();
