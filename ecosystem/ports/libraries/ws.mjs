// ws, whose HTTP runs on goodbyte's sockets.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { leave, listen, net, require, sayGoodbye } from '../libraries.mjs';

const { WebSocket, WebSocketServer } = require('ws');

const served = http.createServer();
new WebSocketServer({ server: served }).on('connection', (client) => {
  client.on('error', () => {});
  client.on('message', (data) =>
    client.send(Buffer.concat([Buffer.from('you said '), data])),
  );
});
const port = await listen(
  net.createServer((socket) => served.emit('connection', socket)),
);
const client = new WebSocket(`ws://127.0.0.1:${port}`, {
  createConnection: (options) => net.connect(options),
});
client.on('error', () => {});
await once(client, 'open');
client.send('hello');
const [message] = await once(client, 'message');
assert.equal(String(message), 'you said hello');
await sayGoodbye();
leave();
