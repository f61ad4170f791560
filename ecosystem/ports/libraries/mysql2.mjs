// mysql2's server and its client.
import assert from 'node:assert/strict';
import { leave, listen, require, sayGoodbye } from '../libraries.mjs';

const mysql = require('mysql2');

const server = mysql.createServer();
server.on('connection', (connection) => {
  connection.on('error', () => {});
  connection.serverHandshake({
    protocolVersion: 10,
    serverVersion: '8.0.0',
    connectionId: 1,
    statusFlags: 2,
    characterSet: 8,
    capabilityFlags: 0xff_ff_ff & ~0x800,
  });
  connection.on('query', () => {
    connection.writeTextResult(
      [{ answer: '42' }],
      [
        {
          catalog: 'def',
          schema: '',
          table: '',
          orgTable: '',
          name: 'answer',
          orgName: '',
          characterSet: 33,
          columnLength: 384,
          columnType: 253,
          type: 253,
          flags: 0,
          decimals: 0,
        },
      ],
    );
  });
});
const port = await listen(server._server);
const client = mysql.createConnection({
  host: '127.0.0.1',
  port,
  user: 'a',
  // Longer than the server waits for a caller.
  connectTimeout: 30_000,
});
client.on('error', () => {});
const rows = await new Promise((resolve, reject) => {
  client.query('SELECT answer', (error, result) =>
    error ? reject(error) : resolve(result),
  );
});
assert.deepEqual(
  rows.map((row) => ({ ...row })),
  [{ answer: '42' }],
);
await sayGoodbye();
leave();
