import t from 'tap';
import { runtimeName } from '../src/runtime.js';

await t.test('each runtime is named correctly', (t) => {
  const versions = { node: '24.3.0', uv: '1.51.0' } as NodeJS.ProcessVersions;
  t.equal(runtimeName(versions), 'Node 24.3.0');
  t.equal(runtimeName({ ...versions, bun: '1.4.4' }), 'Bun 1.4.4');
  t.equal(runtimeName({ ...versions, deno: '2.9.6' }), 'Deno 2.9.6');
  t.end();
});
