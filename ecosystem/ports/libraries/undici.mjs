// undici, whose `connect` makes goodbyte's sockets.
import assert from 'node:assert/strict';
import http from 'node:http';
import { leave, listen, net, require, sayGoodbye } from '../libraries.mjs';

const { Client } = require('undici');

const served = http.createServer((request, response) => {
  response.end(`you asked for ${request.url}`);
});
const port = await listen(
  net.createServer((socket) => served.emit('connection', socket)),
);
const client = new Client(`http://127.0.0.1:${port}`, {
  connect: ({ hostname, port: at }, callback) => {
    const socket = net.connect({ host: hostname, port: Number(at) });
    socket.once('connect', () => callback(null, socket));
    socket.once('error', callback);
  },
});
const { body } = await client.request({ path: '/a', method: 'GET' });
assert.equal(await body.text(), 'you asked for /a');
await sayGoodbye();
leave();
