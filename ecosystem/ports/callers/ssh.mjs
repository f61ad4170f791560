// OpenSSH's client runs a command of ssh2's server.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { run } from '../../support/run.mjs';
import { leave, listen, require, sayGoodbye } from '../libraries.mjs';

const { Server } = require('ssh2');

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
      stream.write(`ran ${command}\n`);
      stream.exit(0);
      stream.end();
    });
  });
});
const port = await listen(server);
const options = {
  BatchMode: 'yes',
  LogLevel: 'ERROR',
  StrictHostKeyChecking: 'no',
  UserKnownHostsFile: process.platform === 'win32' ? 'NUL' : '/dev/null',
};
const flags = Object.entries(options).flatMap(([name, value]) => [
  '-o',
  `${name}=${value}`,
]);
const printed = await run(
  'ssh',
  ['-F', 'none', '-p', port, ...flags, 'a@127.0.0.1', 'uptime'].map(String),
);
assert.equal(printed, 'ran uptime\n');
await sayGoodbye();
leave();
