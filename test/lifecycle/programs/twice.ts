// Loads the addon and this package more than once in one environment, and code of
// another context.
//
//   node twice.js <empty folder>
import { cpSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import nodePath from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { loadNative, type Native } from '../../../src/native.js';
import * as ours from '../support/exchange.js';

type Exchange = typeof ours;

const loaded = loadNative();
const { server, target } = await ours.serve();
await ours.exchange(target);

// Another copy of the package with the same addon, as when a test runner loads
// modules anew.
const copy = process.argv[2]!;
const compiled = nodePath.join(import.meta.dirname, '../../..');
for (const folder of ['src', 'test']) {
  cpSync(nodePath.join(compiled, folder), nodePath.join(copy, 'dist', folder), {
    recursive: true,
  });
}
writeFileSync(nodePath.join(copy, 'package.json'), '{ "type": "module" }');
if (loaded.native) process.env['GOODBYTE_ADDON'] = loaded.path;
const theirs = (await import(
  pathToFileURL(nodePath.join(copy, 'dist/test/lifecycle/support/exchange.js'))
    .href
)) as Exchange;
const second = await theirs.serve();
await Promise.all([
  ours.exchanges(target, 10),
  theirs.exchanges(second.target, 10),
  theirs.exchanges(target, 10),
]);
await theirs.close(second.server);

if (loaded.native) {
  const { native, path } = loaded;
  // Another engine in the same environment, idle or with a listener.
  const require = createRequire(import.meta.url);
  for (let index = 0; index < 3; index++) {
    delete require.cache[path];
    const other = require(path) as Native;
    if (other === native) throw new Error('that is the same engine');
    await ours.exchange(target);
  }
  // As the first of a context that ends at once.
  delete require.cache[path];
  runInNewContext('require(path)', { require, path });
  await ours.exchange(target);
}

// Octets and listeners of another context.
await runInNewContext(
  `(async () => {
    const socket = await connect({ ...target, callerData: Uint8Array.of(65) });
    const heard = [];
    socket.on('data', (data) => heard.push(String(data)));
    socket.write(new Uint8Array(100_000).fill(66));
    const answer = await socket.disconnect(Uint8Array.of(52, 49));
    if (String(answer) !== 'the total is 41') throw new Error(answer);
    if (heard.join('').length < 100_000) throw new Error('lost');
  })()`,
  { connect: (await import('../../../src/promises.js')).connect, target },
);

await ours.close(server);
await ours.untilOpen(0);
ours.print({ done: true });
