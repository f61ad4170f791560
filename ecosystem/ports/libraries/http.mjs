// node:http on goodbyte's sockets, at a server and in an Agent.
import assert from 'node:assert/strict';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { leave, listen, net, sayGoodbye } from '../libraries.mjs';

const served = http.createServer((request, response) => {
  response.end(`you asked for ${request.url}`);
});
const port = await listen(
  net.createServer((socket) => served.emit('connection', socket)),
);
const agent = new http.Agent({ keepAlive: true });
agent.createConnection = (options, callback) => net.connect(options, callback);
for (const path of ['/a', '/b']) {
  const request = http.get({ host: '127.0.0.1', port, path, agent });
  const response = await new Promise((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
  });
  assert.equal(await text(response), `you asked for ${path}`);
}
await sayGoodbye();
leave();
