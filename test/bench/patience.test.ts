import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { Patience, type Looks } from '../../bench/soak/patience.js';

// Tests how long a soak waits for a session.

const looks: Looks = { every: 1, most: 3, late: Infinity };

/** Looks until it is over, or this many times. */
async function watch(
  most: number,
  progress: (look: number) => string,
  { late }: Partial<Looks> = {},
): Promise<number> {
  let seen = 0;
  let isOver = false;
  const patience = new Patience(
    () => progress(seen++),
    () => {
      isOver = true;
    },
    { ...looks, late: late ?? looks.late },
  );
  while (!isOver && seen < most) await turn();
  patience.stop();
  return isOver ? seen : Infinity;
}

t.test('a run without progress is given up', async (t) => {
  // The first look always finds progress.
  t.equal(await watch(100, () => 'the same'), 1 + looks.most);
});

t.test('a run with progress is not given up', async (t) => {
  t.equal(await watch(20, (look) => String(look)), Infinity);
});

t.test('progress restarts the wait', async (t) => {
  const once = (look: number) => (look < 3 ? 'before' : 'behind');
  t.equal(await watch(100, once), 4 + looks.most);
});

t.test('a late look does not count', async (t) => {
  t.equal(await watch(20, () => 'the same', { late: -Infinity }), Infinity);
});
