// JSON-RPC over TCP.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { leave, net, listen, require, sayGoodbye } from '../libraries.mjs';

const jayson = require('jayson');

const server = new jayson.Server({
  add: ([a, b], callback) => callback(null, a + b),
});
const port = await listen(server.tcp());
const client = jayson.Client.tcp({ port, host: '127.0.0.1' });
const { result } = await new Promise((resolve, reject) => {
  client.request('add', [40, 2], (error, response) =>
    error ? reject(error) : resolve(response),
  );
});
assert.equal(result, 42);
// It makes a connection for each request, and ends it.
await once(net.connect(port, '127.0.0.1'), 'connect');
await sayGoodbye();
leave();
