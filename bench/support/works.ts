// The works that a process repeats for as long as it is asked to.
import { workOf, type Echo } from '../echo/echo.js';
import { IN_FLIGHT } from '../exchange/exchanges.js';
import { sizes, type Size } from '../messages/messages.js';
import { OPERATION } from '../one-way/one-way.js';
import { media, type Medium } from './medium.js';
import type { Work } from './work.js';

/** Parameters of a work beside its medium: the number at a time, or a size. */
type More = number | Size | undefined;

/** A variant's module, in the folder of its work. */
interface Opened {
  open(medium: Medium, more: More): Promise<Work>;
}

/**
 * The factor by which the first run, which does not count, is longer. If it is short,
 * the time for compiling a larger program passes for the time to run it.
 */
const WARM_UP = 4;

/** The unit of a work's operations. */
interface Unit {
  readonly one: string;
  readonly many: string;
  /** Units in one operation; 1 if absent. */
  readonly inOperation?: number;
}

interface SteadyWork {
  readonly folder: string;
  readonly unit: Unit;
  /** Its own {@link WARM_UP}. */
  readonly warmUp?: number;
  /** Whether one connection carries all. */
  readonly isFlow?: boolean;
  /**
   * Whether each run has a new process: one connection's luck (how its octets
   * and the turns of the loop fall together) lasts as long as the connection.
   */
  readonly isFresh?: boolean;
  open(variant: unknown): Promise<Work>;
}

function over(
  medium: keyof typeof media,
  folder: string,
  unit: Unit,
  more?: More,
): SteadyWork {
  return {
    folder,
    unit,
    open: (variant) => (variant as Opened).open(media[medium](), more),
  };
}

function echoOver(medium: keyof typeof media): SteadyWork {
  return {
    folder: 'echo',
    unit: { one: 'a round trip', many: 'round trips' },
    open: async (variant) => {
      const { echo } = variant as { echo: Echo };
      const { place } = await echo.listen(media[medium]().place);
      return workOf(echo, place);
    },
  };
}

/** Handshakes are so few in a second that code is compiled much later. */
function handshakesOver(medium: keyof typeof media): SteadyWork {
  return { ...over(medium, 'exchange', exchanges, IN_FLIGHT), warmUp: 12 };
}

function bulkOver(medium: keyof typeof media): SteadyWork {
  const inOperation = OPERATION / 2 ** 20;
  const unit = { one: 'a MiB', many: 'MiB', inOperation };
  return { ...over(medium, 'one-way', unit), isFlow: true, isFresh: true };
}

function messages(size: Size): SteadyWork {
  const inOperation = size.count;
  const unit = { one: 'a message', many: 'messages', inOperation };
  return { ...over('tcp', 'messages', unit, size), isFlow: true };
}

const exchanges = { one: 'an exchange', many: 'exchanges' };
const bursts = { one: 'a burst', many: 'bursts' };

const works = {
  exchange: over('tcp', 'exchange', exchanges, IN_FLIGHT),
  latency: over('tcp', 'exchange', exchanges, 1),
  'tls-exchange': handshakesOver('tls'),
  'tls-resumed': handshakesOver('resumed'),
  echo: echoOver('tcp'),
  'unix-echo': echoOver('unix'),
  burst: { ...over('tcp', 'burst', bursts), isFlow: true },
  'messages-64': messages(sizes.small),
  'messages-16K': messages(sizes.large),
  'one-way': bulkOver('tcp'),
  'tls-bulk': bulkOver('tls'),
  'unix-bulk': bulkOver('unix'),
} satisfies Record<string, SteadyWork>;

export type SteadyWorkName = keyof typeof works;

/** Prepares a work of a variant. */
export async function openWork(
  name: SteadyWorkName,
  variant: string,
): Promise<Work> {
  const work: SteadyWork = works[name];
  return work.open(await import(`../${work.folder}/${variant}.js`));
}

export function isSteady(name: string): name is SteadyWorkName {
  return Object.hasOwn(works, name);
}

export function unitOf(name: SteadyWorkName): Unit {
  return works[name].unit;
}

export function warmUpOf(name: SteadyWorkName): number {
  const work: SteadyWork = works[name];
  return work.warmUp ?? WARM_UP;
}

export function isFlow(name: SteadyWorkName): boolean {
  const work: SteadyWork = works[name];
  return work.isFlow ?? false;
}

export function isFresh(name: SteadyWorkName): boolean {
  const work: SteadyWork = works[name];
  return work.isFresh ?? false;
}
