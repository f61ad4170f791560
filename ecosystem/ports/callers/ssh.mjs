// OpenSSH's client runs a command of ssh2's server.
import assert from 'node:assert/strict';
import { run } from '../../support/run.mjs';
import { leave, listen, sayGoodbye } from '../libraries.mjs';
import { sshServer } from '../ssh-server.mjs';

const port = await listen(sshServer());
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
