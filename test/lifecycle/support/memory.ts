import t from 'tap';
import { onTransport, report, type Transport } from './children.js';

interface Growth {
  kept: number;
  arrayBuffers: number;
  external: number;
  heapUsed: number;
}

const node = ['--expose-gc'];
/** Slabs and pools may differ by this many octets between two measurements. */
const NOISE = 192 * 1024;

/** Tests that kept pieces of data, and connections, hold no more than they need. */
export function testMemory(chosen: Transport): void {
  // A piece of a read keeps all of it alive, so small pieces are copied out.
  for (const { length, count, nth } of [
    { length: 64, count: 3000, nth: 1 },
    { length: 64, count: 3000, nth: 10 },
    { length: 100, count: 3000, nth: 10 },
    { length: 1000, count: 1000, nth: 10 },
    { length: 20_000, count: 200, nth: 3 },
    { length: 40_000, count: 200, nth: 3 },
  ]) {
    const name = `each ${nth}. message of ${length} octets is kept`;
    onTransport(t, chosen, name, async (t, transport) => {
      const args = [length, count, nth].map(String);
      const growth = await report<Growth>(t, 'kept', args, { transport, node });
      if (!growth) return;
      t.equal(growth.kept, count);
      const octets = count * length;
      t.comment(`${octets} octets hold ${JSON.stringify(growth)}`);
      t.ok(growth.arrayBuffers <= 2 * octets + NOISE, 'array buffers');
      t.ok(growth.external <= 2 * octets + NOISE, 'external memory');
    });
  }

  // A connection that stays takes over 3 KB of the heap.
  onTransport(t, chosen, 'connections leave nothing', async (t, transport) => {
    const count = 1000;
    const heap = 256 * count;
    const args = [count, heap].map(String);
    const growth = await report<Growth>(t, 'flat', args, { transport, node });
    if (!growth) return;
    t.comment(JSON.stringify(growth));
    t.ok(growth.arrayBuffers <= NOISE, 'array buffers');
    t.ok(growth.external <= NOISE, 'external memory');
    t.ok(growth.heapUsed <= heap, 'heap');
  });
}
