import t, { type Test } from 'tap';
import type { Native } from '../../../../src/native.js';
import { Slabs } from '../../../../src/provider/framed/engine/slabs.js';

/** The addon's part, with one slab; the test places the memory. */
class FakeMemory {
  /** Lowest first. */
  readonly order: Uint8Array[] = [];
  isMissing = true;
  set: Uint8Array | undefined;

  readonly native = {
    missingSlab: () => (this.isMissing ? 0 : -1),
    setSlab: (_index: number, slab: Uint8Array) => {
      this.set = slab;
      this.isMissing = false;
    },
    liesAbove: (one: Uint8Array, other: Uint8Array) =>
      this.order.indexOf(one) > this.order.indexOf(other),
  } as unknown as Native;
}

/** The test runs its timers, and places its allocations. */
function fakes(t: Test): {
  memory: FakeMemory;
  place: { above: boolean };
  due: (() => void)[];
} {
  const memory = new FakeMemory();
  const place = { above: true };
  const due: (() => void)[] = [];
  const { setTimeout } = globalThis;
  const { allocUnsafeSlow } = Buffer as { allocUnsafeSlow: unknown };
  t.teardown(() => {
    Object.assign(globalThis, { setTimeout });
    Object.assign(Buffer, { allocUnsafeSlow });
  });
  Object.assign(globalThis, {
    setTimeout: (
      run: (...args: unknown[]) => void,
      _: number,
      arg: unknown,
    ) => {
      due.push(() => run(arg));
      return { unref() {} };
    },
  });
  Buffer.allocUnsafeSlow = (length) => {
    const slab = Buffer.alloc(length);
    if (place.above) memory.order.push(slab);
    else memory.order.unshift(slab);
    return slab;
  };
  return { memory, place, due };
}

/** A piece takes over the slab, and another slab replaces it. */
function give(slabs: Slabs, memory: FakeMemory): void {
  slabs.take(0, 0, 60_000, true);
  memory.isMissing = true;
  slabs.renew();
}

t.test('the highest slab is held while pieces take slabs along', (t) => {
  const { memory, place, due } = fakes(t);
  const slabs = new Slabs(memory.native);
  t.equal(memory.order.length, 1, 'nothing is held without a need');

  give(slabs, memory);
  t.equal(memory.order.length, 3);
  t.not(memory.set, memory.order.at(-1), 'a higher one is held');
  place.above = false;
  give(slabs, memory);
  t.equal(memory.set, memory.order[0], 'a lower one is read into');
  t.equal(due.length, 1, 'one timer');

  const held = memory.order.at(-1);
  due.shift()!();
  t.equal(due.length, 1, 'it is looked again after pieces');
  due.shift()!();
  t.equal(due.length, 0, 'and no more after a quiet second');
  place.above = true;
  memory.isMissing = true;
  slabs.take(0, 0, 60_000, true);
  slabs.renew();
  t.not(memory.set, held, 'what was held is let go');
  t.equal(due.length, 1, 'it begins anew');
  t.end();
});

t.test('without memory for one to hold slabs are given all the same', (t) => {
  const { memory } = fakes(t);
  const slabs = new Slabs(memory.native);
  const allocUnsafeSlow = Buffer.allocUnsafeSlow.bind(Buffer);
  let fails = true;
  Buffer.allocUnsafeSlow = (length) => {
    if (!fails) return allocUnsafeSlow(length);
    fails = false;
    throw new RangeError('no memory');
  };
  give(slabs, memory);
  t.equal(memory.set, memory.order.at(-1), 'the new one is read into');
  t.end();
});
