import * as fc from 'fast-check';
import t from 'tap';
import { linearExtensions } from '../../conformance/scenario/order.js';

/** A random partial order: some of the earlier items precede each. */
const partialOrder = fc
  .integer({ min: 1, max: 7 })
  .chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, index) =>
        fc.subarray(Array.from({ length: index }, (__, other) => other)),
      ),
    ),
  )
  .map((lists) => lists.map((list) => new Set(list)));

type Before = readonly ReadonlySet<number>[];

/** Counts linear extensions in another way, by the sets of finished items. */
function countOf(before: Before): number {
  let ways = new Map([[0, 1]]);
  for (let step = 0; step < before.length; step += 1) {
    const next = new Map<number, number>();
    for (const [done, count] of ways) {
      before.forEach((needed, index) => {
        const bit = 1 << index;
        if ((done & bit) !== 0) return;
        if (![...needed].every((other) => (done & (1 << other)) !== 0)) return;
        next.set(done | bit, (next.get(done | bit) ?? 0) + count);
      });
    }
    ways = next;
  }
  return [...ways.values()][0]!;
}

function respects(order: readonly number[], before: Before): boolean {
  const place = new Map(order.map((index, at) => [index, at]));
  return (
    place.size === before.length &&
    before.every((needed, index) =>
      [...needed].every((other) => place.get(other)! < place.get(index)!),
    )
  );
}

const areDistinct = (orders: readonly number[][]): boolean =>
  new Set(orders.map(String)).size === orders.length;

t.test('every order, once, and no other', (t) => {
  fc.assert(
    fc.property(partialOrder, (before) => {
      const { orders, complete } = linearExtensions(before, 5040);
      return (
        complete &&
        orders.length === countOf(before) &&
        areDistinct(orders) &&
        orders.every((order) => respects(order, before))
      );
    }),
    { numRuns: 200 },
  );
  t.pass();
  t.end();
});

t.test('above the bound some, the same for a seed', (t) => {
  const most = 5;
  fc.assert(
    fc.property(partialOrder, fc.nat(), (before, seed) => {
      const { orders, complete } = linearExtensions(before, most, seed);
      const again = linearExtensions(before, most, seed);
      return (
        complete === countOf(before) <= most &&
        orders.length <= most &&
        areDistinct(orders) &&
        orders.every((order) => respects(order, before)) &&
        String(again.orders) === String(orders)
      );
    }),
    { numRuns: 300 },
  );
  t.pass();
  t.end();
});

t.test('another seed draws others', (t) => {
  const free = Array.from({ length: 7 }, () => new Set<number>());
  const drawn = [1, 2].map((seed) => linearExtensions(free, 5, seed).orders);
  t.notSame(drawn[0], drawn[1]);
  t.equal(drawn[0]!.length, 5);
  t.end();
});
