// Counts our functions, and their files, between the application and the addon, as in
// docs/architecture.md, "A walk". Each costs every call.
import t from 'tap';
import { loadNative, type Native } from '../../src/native.js';
import { framedProvider } from '../../src/provider/framed/provider.js';
import { connected } from '../support/serve.js';

const { transport, listening } = framedProvider.transport!;
const isOther = transport !== 'engine' || listening !== 'engine';
const skip = isOther && 'it is of the engine';

/** Functions below `dist/src` on the stack, and their files. */
function walked(): { functions: number; files: number } {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 100;
  const { stack = '' } = new Error('where');
  Error.stackTraceLimit = stackTraceLimit;
  const ours = [...stack.matchAll(/\/dist\/src\/([^:]+):/g)];
  const files = new Set(ours.map(([, file]) => file));
  return { functions: ours.length, files: files.size };
}

t.test('a piece of data, to its listener', { skip }, async (t) => {
  const { caller, callee } = await connected(t);
  const came = new Promise((resolve) => {
    callee.once('data', () => resolve(walked()));
  });
  caller.write('data');
  t.strictSame(await came, { functions: 14, files: 6 });
});

t.test('a last word, to the addon', { skip }, async (t) => {
  const { caller, callee } = await connected(t);
  const native = loadNative().native as { write: Native['write'] };
  const { write } = native;
  const left = new Promise((resolve) => {
    native.write = (...args) => {
      native.write = write;
      resolve(walked());
      return write(...args);
    };
  });
  t.teardown(() => {
    native.write = write;
  });
  callee.resume();
  const answer = caller.disconnect('last word');
  t.strictSame(await left, { functions: 17, files: 5 });
  await answer;
});
