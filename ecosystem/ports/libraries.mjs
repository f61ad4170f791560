// Loaded before each program in libraries/ (`--import`): `net` is goodbyte where
// a library of node_modules asks for it, as if its import had been changed; and
// the last word of a connection is said and answered.

import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import Module, { createRequire } from 'node:module';

export const require = createRequire(import.meta.url);
const { default: net } = require('goodbyte');

const load = Module._load;
Module._load = function (request, parent, ...rest) {
  const isAsked = /^(node:)?net$/.test(request);
  const isPorted =
    /node_modules/.test(parent?.filename) &&
    !/node_modules.goodbyte\b/.test(parent.filename);
  return isAsked && isPorted ? net : load.call(this, request, parent, ...rest);
};

let calling;
channel('goodbyte:connect').subscribe(({ socket, error }) => {
  if (!error) calling = socket;
});
channel('goodbyte:verdict').subscribe(({ socket }) => {
  if (socket) socket.answer = (data) => `answer to ${data}`;
});

/** Listens on a port of the system's; returns that. */
export async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

/** A client's last word, and the answer of the server that it talked to. */
export async function sayGoodbye() {
  assert.ok(calling, 'a client has connected by goodbyte');
  const answer = await calling.disconnect('goodbye');
  assert.equal(String(answer), 'answer to goodbye');
}

/** The client waits for nothing, and the server for nobody. */
export function leave(...what) {
  for (const close of what) close();
  console.log('done');
  // Libraries keep timers for connections to come.
  setImmediate(() => process.exit());
}

export { net };
