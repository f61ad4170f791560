// An SSH server and client.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { leave, listen, require, sayGoodbye } from '../libraries.mjs';
import { sshServer } from '../ssh-server.mjs';

const { Client } = require('ssh2');

const port = await listen(sshServer());
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
assert.equal(String(printed), 'ran uptime\n');
await sayGoodbye();
leave();
