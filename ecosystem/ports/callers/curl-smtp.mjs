// curl delivers a mail to smtp-server, which speaks first: without and with STARTTLS.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { run } from '../../support/run.mjs';
import { certificate } from '../certificate.mjs';
import { leave, listen, require, sayGoodbye } from '../libraries.mjs';

const { SMTPServer } = require('smtp-server');

let received;
const { server } = new SMTPServer({
  ...certificate,
  authOptional: true,
  onData(stream, _session, callback) {
    stream.setEncoding('utf8').on('data', (text) => (received += text));
    stream.on('end', callback);
  },
});
const port = await listen(server);
for (const flags of [[], ['--ssl-reqd', '--insecure']]) {
  received = '';
  await run('curl', [
    '--silent',
    '--show-error',
    ...flags,
    '--mail-from',
    'a@example.org',
    '--mail-rcpt',
    'b@example.org',
    '--upload-file',
    fileURLToPath(import.meta.url),
    `smtp://127.0.0.1:${port}`,
  ]);
  assert.match(received, /curl hands a mail/);
  await sayGoodbye();
}
leave();
