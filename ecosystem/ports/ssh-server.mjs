// The SSH server that both callers use.
import { generateKeyPairSync } from 'node:crypto';
import { require } from './libraries.mjs';

const { Server } = require('ssh2');

/** Prints the command that it was to run. */
export function sshServer() {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return new Server({ hostKeys: [privateKey] }, (connection) => {
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
}
