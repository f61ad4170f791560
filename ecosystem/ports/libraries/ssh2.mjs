// An SSH server and client.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { leave, listen, require, sayGoodbye } from '../libraries.mjs';

const { Client, Server } = require('ssh2');

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
});
const server = new Server({ hostKeys: [privateKey] }, (connection) => {
  connection.on('error', () => {});
  connection.on('authentication', (context) => context.accept());
  connection.on('session', (acceptSession) => {
    acceptSession().on('exec', (acceptCommand, _reject, { command }) => {
      const stream = acceptCommand();
      stream.write(`ran ${command}`);
      stream.exit(0);
      stream.end();
    });
  });
});
const port = await listen(server);
const client = new Client();
client.on('error', () => {});
client.connect({ host: '127.0.0.1', port, username: 'a', password: 'b' });
await once(client, 'ready');
const printed = await new Promise((resolve, reject) => {
  client.exec('uptime', (error, stream) => {
    if (error) reject(error);
    else stream.once('data', resolve);
  });
});
assert.equal(String(printed), 'ran uptime');
await sayGoodbye();
leave();
