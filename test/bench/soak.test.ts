import { execFile } from 'node:child_process';
import path from 'node:path';
import t from 'tap';

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

t.test('a wrong option is told with what there is', async (t) => {
  const { code, out } = await soak('--medium', 'carrier-pigeon');
  t.equal(code, 2);
  t.match(out, /no --medium "carrier-pigeon"; take one of: tcp, unix, tls/);
});
