// pg's client, against pg-gateway.
import assert from 'node:assert/strict';
import { PostgresConnection } from 'pg-gateway';
import { leave, listen, net, require, sayGoodbye } from '../libraries.mjs';

const { Client } = require('pg');

const port = await listen(
  net.createServer((socket) => {
    // It needs a net.Socket only by type.
    const connection = new PostgresConnection(socket, {
      serverVersion: '16.3',
      authMode: 'cleartextPassword',
      validateCredentials: ({ password }) => password === 'secret',
    });
    assert.equal(connection.socket, socket);
  }),
);
const client = new Client({
  host: '127.0.0.1',
  port,
  user: 'a',
  password: 'secret',
  database: 'b',
});
client.on('error', () => {});
await client.connect();
await sayGoodbye();
leave();
