import { setTimeout as wait } from 'node:timers/promises';

/** Connects under way at a time. */
const AT_A_TIME = 64;

/** Milliseconds between counts of the connections. */
const LOOK_AGAIN = 5;

/** Connects so often. */
export async function manyTimes(
  count: number,
  connect: () => Promise<void>,
): Promise<void> {
  let started = 0;
  const lane = async () => {
    while (started++ < count) await connect();
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
}

/** Resolves when the server has this many connections. */
export async function untilHeld(
  server: { readonly connections: number },
  count: number,
): Promise<void> {
  while (server.connections !== count) await wait(LOOK_AGAIN);
}
