import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

const program = fileURLToPath(new URL('programs/courtesy.js', import.meta.url));

/** A socket that is destroyed without a word lets its process end. */
export async function letsItsProcessEnd(
  t: Test,
  provider: string,
): Promise<void> {
  const child = spawn(process.execPath, [program, provider], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill());
  const [said, [code]] = await Promise.all([
    text(child.stdout),
    once(child, 'exit'),
  ]);
  t.equal(said.trim(), '1000000 octets, and the end');
  t.equal(code, 0);
}
