import { execFile } from 'node:child_process';
import path from 'node:path';
import t from 'tap';
import { departures, type Census } from '../../bench/soak/census.js';
import { loadNative } from '../../src/native.js';

const loaded = loadNative();

const program = path.resolve(import.meta.dirname, '../../bench/soak/main.js');

function soak(...args: string[]): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), out: stdout + stderr });
    });
  });
}

t.test('no last word is lost, over any medium, in any way', async (t) => {
  const { code, out } = await soak('--teardowns', '100');
  t.equal(code, 0, out);
  t.equal(out.match(/teardowns: 100 {2}lost: 0 /g)?.length, 9, out);
});

t.test('one that is lost is seen', async (t) => {
  const { code, out } = await soak('--teardowns', '10', '--way', 'abort');
  t.equal(code, 1, out);
  for (const medium of ['tcp', 'unix', 'tls']) {
    t.match(
      out,
      new RegExp(`^${medium} +abort +teardowns: 10 +lost: 10 `, 'm'),
    );
  }
});

for (const transport of ['engine', 'stream']) {
  const skip =
    transport === 'engine' && !loaded.native && `no addon: ${loaded.reason}`;
  t.test(`cycles leave nothing (${transport})`, { skip }, async (t) => {
    const args = ['--cycles', '500', '--transport', transport];
    const { code, out } = await soak(...args);
    t.equal(code, 0, out);
    const looks = /^(server|caller) +(before|after|at).* handles: \d.* rss: /gm;
    t.equal(out.match(looks)?.length, 6, out);
    t.match(out, new RegExp(`^cycles: 500 {2}transport: ${transport} `, 'm'));
  });
}

t.test('what cycles leave is seen', (t) => {
  const look: Census = {
    handles: 1,
    resources: '1 PipeWrap',
    rss: 50_000_000,
    heapUsed: 5_000_000,
    external: 2_000_000,
    arrayBuffers: 1_000_000,
  };
  t.strictSame(departures(look, look, look), []);
  const cases: [Partial<Census>, RegExp][] = [
    [{ handles: 2 }, /^handles: 2, and 1 at first$/],
    [{ resources: '' }, /^resources: , and 1 PipeWrap at first$/],
    [{ rss: 100_000_000 }, /^rss grew by 50000000 octets; \d+ are allowed$/],
    [{ heapUsed: 9_000_000 }, /^heapUsed grew by 4000000 octets/],
    [{ external: 4_000_000 }, /^external grew by 2000000 octets/],
    [{ arrayBuffers: 4_000_000 }, /^arrayBuffers grew by 3000000 octets/],
  ];
  for (const [change, told] of cases) {
    t.match(departures(look, look, { ...look, ...change }), [told]);
  }
  t.end();
});

t.test('a transport that is none', async (t) => {
  const { code, out } = await soak('--transport', 'raven');
  t.equal(code, 2);
  t.match(out, /no --transport "raven"; take one of: engine, stream/);
});

t.test('a wrong option is told with what there is', async (t) => {
  const { code, out } = await soak('--medium', 'carrier-pigeon');
  t.equal(code, 2);
  t.match(out, /no --medium "carrier-pigeon"; take one of: tcp, unix, tls/);
});

t.test('an option that is none', async (t) => {
  const { code, out } = await soak('--carrier-pigeon');
  t.equal(code, 2);
  t.match(out, /^Unknown option '--carrier-pigeon'/);
});
