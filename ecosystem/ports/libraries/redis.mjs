// node-redis, against a server with few commands.
import assert from 'node:assert/strict';
import { leave, listen, require, sayGoodbye } from '../libraries.mjs';
import { redisServer } from '../redis-server.mjs';

const { createClient } = require('redis');

const port = await listen(redisServer());
const client = createClient({
  RESP: 2,
  socket: { host: '127.0.0.1', port, reconnectStrategy: false },
});
client.on('error', () => {});
await client.connect();
assert.equal(await client.set('a', '1'), 'OK');
assert.equal(await client.get('a'), '1');
await sayGoodbye();
leave();
