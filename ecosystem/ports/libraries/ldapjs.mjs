// An LDAP server and client.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { leave, listen, require, sayGoodbye } from '../libraries.mjs';

const ldap = require('ldapjs');

const server = ldap.createServer();
server.bind('cn=root', (request, response, next) => {
  assert.equal(request.credentials, 'secret');
  response.end();
  next();
});
const port = await listen(server.server);
const client = ldap.createClient({ url: `ldap://127.0.0.1:${port}` });
client.on('error', () => {});
await once(client, 'connect');
await new Promise((resolve, reject) => {
  client.bind('cn=root', 'secret', (error) =>
    error ? reject(error) : resolve(),
  );
});
await sayGoodbye();
leave();
