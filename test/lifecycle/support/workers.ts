import t from 'tap';
import { onTransport, pipeFolder, report, type Transport } from './children.js';

// The exit code of each worker.
const ways = [
  { way: 'run', code: 0 },
  { way: 'terminate', code: 1 },
  { way: 'exit', code: 7 },
  { way: 'exit in a listener', code: 7 },
  { way: 'throw', code: 1 },
];

/** Worker threads end in every way that there is. */
export function testWorkers(chosen: Transport): void {
  for (const { way, code } of ways) {
    onTransport(t, chosen, `workers: ${way}`, async (t, transport) => {
      const folder = pipeFolder(t);
      t.same(await report(t, 'workers', [way, folder], { transport }), {
        codes: Array.from({ length: 6 }, () => code),
        errors: way === 'throw' ? ['of a listener'] : [],
      });
    });
  }
}
