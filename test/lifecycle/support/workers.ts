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

/**
 * Ends worker threads in every way.
 *
 * @param workers how many at a time, in each of two rounds.
 */
export function testWorkers(chosen: Transport, workers: number): void {
  for (const { way, code } of ways) {
    onTransport(t, chosen, `workers: ${way}`, async (t, transport) => {
      const folder = pipeFolder(t);
      const args = [way, folder, String(workers)];
      t.same(await report(t, 'workers', args, { transport }), {
        codes: Array.from({ length: 2 * workers }, () => code),
        errors: way === 'throw' ? ['of a listener'] : [],
      });
    });
  }
}
