// ioredis, against a server with few commands.
import assert from 'node:assert/strict';
import { leave, listen, require, sayGoodbye } from '../libraries.mjs';
import { redisServer } from '../redis-server.mjs';

const { Redis } = require('ioredis');

const port = await listen(redisServer());
const client = new Redis({ port, host: '127.0.0.1', retryStrategy: null });
client.on('error', () => {});
assert.equal(await client.set('a', '1'), 'OK');
assert.equal(await client.get('a'), '1');
await sayGoodbye();
leave();
