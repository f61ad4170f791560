// Used by each program in libraries/ and callers/: where a library in node_modules
// imports `net` it gets goodbyte, as if the import had been changed, and at the end each
// connection's last word is said and answered. With PORTS_PLAIN only servers use
// goodbyte, and accept plain callers: `true`, or after this many milliseconds of
// silence.

import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import Module, { createRequire } from 'node:module';
import theirs from 'node:net';

export const require = createRequire(import.meta.url);
const { default: ours } = require('goodbyte');

const plain = process.env.PORTS_PLAIN;
if (plain) {
  const after = Number(plain);
  ours.setDefaultAllowPlain(plain === 'true' ? true : { after });
}
const { Socket, Stream, connect, createConnection } = theirs;
export const net = plain
  ? { ...ours, Socket, Stream, connect, createConnection }
  : ours;

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
channel('goodbyte:handshakeError').subscribe(({ error }) => {
  console.log('handshake:', error.message);
});
let framed;
channel('goodbyte:verdict').subscribe(({ socket }) => {
  if (!socket) return;
  framed = socket.framed;
  socket.answer = (data) => `answer to ${data}`;
});

/** Listens on a free port; returns its number. */
export async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

/**
 * A client's last word, and the answer of the server that it talked to; a plain client
 * has none.
 */
export async function sayGoodbye() {
  assert.equal(framed, !plain, 'the server was called by such a client');
  if (plain) return;
  assert.ok(calling, 'a client has connected by goodbyte');
  const answer = await calling.disconnect('goodbye');
  assert.equal(String(answer), 'answer to goodbye');
}

/** Ends the client and the server without waiting. */
export function leave(...what) {
  for (const close of what) close();
  console.log('done');
  // Libraries keep timers for future connections.
  setImmediate(() => process.exit());
}
