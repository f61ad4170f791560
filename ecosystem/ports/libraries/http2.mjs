// node:http2 on goodbyte's sockets, without TLS.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { text } from 'node:stream/consumers';
import { leave, listen, net, sayGoodbye } from '../libraries.mjs';

const served = http2.createServer((request, response) => {
  response.end(`you asked for ${request.url}`);
});
const port = await listen(
  net.createServer((socket) => served.emit('connection', socket)),
);
const session = http2.connect(`http://127.0.0.1:${port}`, {
  createConnection: () => net.connect(port, '127.0.0.1'),
});
session.on('error', () => {});
const body = await text(session.request({ ':path': '/a' }));
assert.equal(body, 'you asked for /a');
await sayGoodbye();
leave();
