import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import path from 'node:path';
import t from 'tap';
import type { SessionTransport } from '../../bench/soak/sessions.js';
import { loadNative } from '../../src/native.js';
import { needsUnix } from '../support/platform.js';

const program = path.resolve(import.meta.dirname, '../../bench/soak/main.js');

export function soak(
  ...args: string[]
): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), out: stdout + stderr });
    });
  });
}

function lacksEngine(transport: SessionTransport): string | false {
  const loaded = loadNative();
  return (
    transport.includes('engine') &&
    !loaded.native &&
    `no addon: ${loaded.reason}`
  );
}

export function testTeardowns(count: number): void {
  t.test('no last word is lost, over any medium, in any way', async (t) => {
    const { code, out } = await soak('--teardowns', String(count));
    t.equal(code, 0, out);
    const none = new RegExp(`teardowns: ${count} {2}lost: 0 `, 'g');
    t.equal(out.match(none)?.length, 9, out);
  });
}

export function testCycles(transport: 'engine' | 'stream'): void {
  const skip = lacksEngine(transport);
  t.test(`cycles leave nothing (${transport})`, { skip }, async (t) => {
    const args = ['--cycles', '500', '--transport', transport];
    const { code, out } = await soak(...args);
    t.equal(code, 0, out);
    const looks = /^(server|caller) +(before|after|at).* handles: \d.* rss: /gm;
    t.equal(out.match(looks)?.length, 6, out);
    t.match(out, new RegExp(`^cycles: 500 {2}transport: ${transport} `, 'm'));
  });
}

export function testSessions(
  transport: SessionTransport,
  ...traits: string[]
): void {
  const skip =
    needsUnix('aborts that reach the peer') || lacksEngine(transport);
  // The second seed is new in each run; a failure names it.
  for (const seed of [1, randomInt(2 ** 31)]) {
    const which = [transport, ...traits].join(' ');
    const name = `sessions by the public API (${which}, from seed ${seed})`;
    t.test(name, { skip }, async (t) => {
      const args = ['--sessions', '100', '--seed', String(seed)];
      const options = ['--transport', transport, ...traits];
      const { code, out } = await soak(...args, ...options);
      t.equal(code, 0, out);
      t.match(out, `sessions: 100  transport: ${transport}  whole: `);
      t.match(out, '  lost: 0  misreported: 0  hung: 0  ');
    });
  }
}
