// Counts a process's open resources and memory, after garbage collection.
import { setTimeout as wait } from 'node:timers/promises';
import { loadNative } from '../../src/native.js';

export interface Census {
  /** The engine's handles. */
  handles: number;
  /** Node's open resources, by kind. */
  resources: string;
  rss: number;
  heapUsed: number;
  external: number;
  arrayBuffers: number;
}

/** Octets by which a process may grow between two looks. */
const BOUNDS = {
  rss: 32 * 2 ** 20,
  heapUsed: 2 * 2 ** 20,
  external: 2 ** 20,
  arrayBuffers: 2 ** 20,
} as const;

/** Milliseconds between looks at resources that are closing, and their number. */
const LOOK_AGAIN = 20;
const MOST_LOOKS = 250;

// Node opens it on first use, which may fall between two looks: where it is a
// pipe, it counts as one more resource.
void process.stderr;

let first: Census | undefined;

/** From the second time on, it waits until only the resources of the first are left. */
export async function takeCensus(): Promise<Census> {
  for (let look = 0; look < MOST_LOOKS && !isLikeFirst(); look++) {
    await wait(LOOK_AGAIN);
  }
  // Finalizers run in later turns, and release further objects.
  for (let round = 0; round < 5; round++) {
    gc!();
    await wait(LOOK_AGAIN);
  }
  const census = {
    handles: openHandles(),
    resources: resources(),
    ...process.memoryUsage(),
  };
  first ??= census;
  return census;
}

function isLikeFirst(): boolean {
  if (!first) return true;
  return openHandles() === first.handles && resources() === first.resources;
}

function openHandles(): number {
  return loadNative().native?.countOpen() ?? 0;
}

function resources(): string {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .map(([kind, count]) => `${count} ${kind}`)
    .toSorted()
    .join(', ');
}

/** Describes the leaks that a census points to. */
export function departures(idle: Census, warm: Census, end: Census): string[] {
  const complaints: string[] = [];
  for (const name of ['handles', 'resources'] as const) {
    if (end[name] !== idle[name]) {
      complaints.push(`${name}: ${end[name]} now, but ${idle[name]} at first`);
    }
  }
  for (const [name, bound] of Object.entries(BOUNDS)) {
    const kind = name as keyof typeof BOUNDS;
    const growth = end[kind] - warm[kind];
    if (growth > bound) {
      complaints.push(
        `${name} grew by ${growth} octets, but ${bound} are allowed`,
      );
    }
  }
  return complaints;
}
