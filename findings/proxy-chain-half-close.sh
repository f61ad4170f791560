#!/usr/bin/env bash
# proxy-chain passes half-close on in one direction alone.
#
# Through a CONNECT tunnel of proxy-chain 3.0.1, a client that ends its
# direction first gets the server's late answer. A server that ends first does
# not get the client's: it closes without an error, and the client's write and
# end() succeed. So neither side learns that the answer is lost. A tunnel that
# is tried with the client first looks sound.
#
# Seen on 2026-11-29, Node 20.20.2, Linux x64; the answer comes after 300 ms:
#   client ends first: heard "the answer", the other side: sent
#   server ends first: heard "", the other side: sent
#
# Exits with 1 if it is seen otherwise.

set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund proxy-chain@3.0.1

cat >probe.mjs <<'JS'
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as later } from 'node:timers/promises';
import { Server } from 'proxy-chain';

const host = '127.0.0.1';
for (const first of ['client', 'server']) {
  const target = net.createServer({ allowHalfOpen: true }).listen(0, host);
  await once(target, 'listening');
  const proxy = new Server({ port: 0, host });
  await proxy.listen();

  const accepted = once(target, 'connection');
  const { port } = proxy;
  const client = net.connect({ port, host, allowHalfOpen: true });
  const at = `${host}:${target.address().port}`;
  client.write(`CONNECT ${at} HTTP/1.1\r\nHost: ${at}\r\n\r\n`);
  await once(client, 'data');
  const [server] = await accepted;

  const [asks, answers] =
    first === 'client' ? [client, server] : [server, client];
  let heard = '';
  let told = 'nothing';
  asks.on('data', (data) => (heard += data));
  answers.resume().once('end', async () => {
    await later(300);
    answers.end('the answer', (error) => (told = error?.code ?? 'sent'));
  });
  asks.end('the question');
  await Promise.all([once(asks, 'close'), once(answers, 'finish')]);
  console.log(
    `${first} ends first: heard "${heard}", the other side: ${told}`,
  );
  for (const socket of [client, server]) socket.destroy();
  target.close();
  await proxy.close(true);
}
JS

node probe.mjs | tee seen.txt

diff seen.txt - <<'EXPECTED'
client ends first: heard "the answer", the other side: sent
server ends first: heard "", the other side: sent
EXPECTED
