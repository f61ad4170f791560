import { execFileSync } from 'node:child_process';
import t from 'tap';
import { onEngine, onTransports, report } from './support/children.js';

onTransports(t, 'loaded more than once', async (t, transport) => {
  t.same(await report(t, 'twice', [t.testdir()], { transport }), {
    done: true,
  });
});

// The addon's functions that take or return more than numbers.
for (const call of ['load', 'write', 'name', 'listen']) {
  onEngine(t, `workers stopped in a call: ${call}`, async (t, transport) => {
    t.same(await report(t, 'terminated', [call], { transport }), {
      workers: 4,
    });
  });
}

t.test('modules of Node that few programs need', (t) => {
  const index = new URL('../../src/index.js', import.meta.url).href;
  const program = `import ${JSON.stringify(index)};
    console.log(JSON.stringify(process.moduleLoadList));`;
  const output = execFileSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  );
  const loaded = JSON.parse(output) as string[];
  t.ok(loaded.includes('NativeModule net'), 'the list names them like this');
  for (const name of ['tls', 'crypto', 'cluster']) {
    t.notOk(loaded.includes(`NativeModule ${name}`), name);
  }
  t.end();
});
