// curl calls node:http, on a plain port and inside TLS, and node:http2.
import assert from 'node:assert/strict';
import http from 'node:http';
import http2 from 'node:http2';
import { run } from '../../support/run.mjs';
import { certificate } from '../certificate.mjs';
import { leave, listen, net, sayGoodbye } from '../libraries.mjs';

const answer = ({ url, httpVersion }, response) =>
  response.end(`${httpVersion} ${url}`);
const served = http.createServer(answer);
const served2 = http2.createServer(answer);

const curl = (...args) =>
  run('curl', ['--silent', '--show-error', '--insecure', ...args]);

const cases = [
  { to: 'http', on: served, prints: '1.1 /a' },
  { to: 'https', on: served, options: { tls: certificate }, prints: '1.1 /a' },
  {
    to: 'http',
    on: served2,
    flags: ['--http2-prior-knowledge'],
    prints: '2.0 /a',
  },
];
for (const { to, on, options = {}, flags = [], prints } of cases) {
  const port = await listen(
    net.createServer(options, (socket) => on.emit('connection', socket)),
  );
  assert.equal(await curl(...flags, `${to}://127.0.0.1:${port}/a`), prints);
  await sayGoodbye();
}
leave();
