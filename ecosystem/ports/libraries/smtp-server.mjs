// A mail server and nodemailer.
import assert from 'node:assert/strict';
import { leave, listen, require, sayGoodbye } from '../libraries.mjs';

const { SMTPServer } = require('smtp-server');
const nodemailer = require('nodemailer');

let received = '';
const { server } = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  onData(stream, _session, callback) {
    stream.setEncoding('utf8').on('data', (text) => (received += text));
    stream.on('end', callback);
  },
});
const port = await listen(server);
const transport = nodemailer.createTransport({
  host: '127.0.0.1',
  port,
  pool: true,
  ignoreTLS: true,
});
await transport.sendMail({
  from: 'a@example.org',
  to: 'b@example.org',
  subject: 'hello',
  text: 'good morning',
});
assert.match(received, /good morning/);
await sayGoodbye();
leave();
