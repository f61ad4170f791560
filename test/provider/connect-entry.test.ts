import { execFileSync } from 'node:child_process';
import { channel } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import { PerformanceObserver } from 'node:perf_hooks';
import t from 'tap';
import { ConnectEntry } from '../../src/provider/connect-entry.js';

// test/socket/net-entries.test.ts checks the observed entries.

const to = { address: '127.0.0.1', family: 4 } as const;

t.test('only with perf_hooks loaded, before or after', (t) => {
  const module = new URL(
    '../../src/provider/connect-entry.js',
    import.meta.url,
  );
  const program = `import { ConnectEntry } from ${JSON.stringify(module.href)};
    const start = () => ConnectEntry.start(${JSON.stringify(to)}, 7) !== undefined;
    const before = [start(), start()];
    globalThis.PerformanceObserver;
    console.log(JSON.stringify([...before, start(), start()]));`;
  const output = execFileSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  );
  t.same(JSON.parse(output), [false, false, true, true]);
  t.end();
});

t.test('a connect goes on if net asks more of a handle', (t) => {
  const fails = () => {
    throw new Error('handle.more is not a function');
  };
  t.ok(PerformanceObserver, 'perf_hooks is loaded');
  const entry = ConnectEntry.start(to, 7)!;
  t.intercept(Socket.prototype, 'read', { value: fails });
  t.doesNotThrow(() => {
    entry.finish();
  });
  t.intercept(Socket.prototype, 'connect', { value: fails });
  t.equal(ConnectEntry.start(to, 7), undefined);
  t.end();
});

t.test('a subscriber to sockets is shown none but ours', (t) => {
  t.ok(PerformanceObserver, 'perf_hooks is loaded');
  const sockets = channel('net.client.socket');
  const listener = () => {
    t.fail('a socket');
  };
  sockets.subscribe(listener);
  t.equal(ConnectEntry.start(to, 7), undefined);
  sockets.unsubscribe(listener);
  t.ok(ConnectEntry.start(to, 7));
  t.end();
});
