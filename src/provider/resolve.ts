import dns, { type LookupAddress } from 'node:dns';
import { getDefaultAutoSelectFamily, isIP } from 'node:net';
import type { TcpTarget } from './provider.js';

/** A numeric address to try. */
export interface Candidate {
  address: string;
  family: 4 | 6;
}

type Progress = (event: string, ...args: unknown[]) => void;
type Done = (error: Error | undefined, candidates: Candidate[]) => void;

/**
 * The addresses of a target's name, in the order in which `net.connect` tries
 * them; a single one if it would try only one. `done` is called in a later
 * tick.
 */
export function resolve(
  target: TcpTarget,
  progress: Progress,
  done: Done,
): void {
  const { host = 'localhost' } = target;
  const lookup = target.lookup ?? dns.lookup;
  const wantsFamily = target.family === 4 || target.family === 6;
  const all =
    (target.autoSelectFamily ?? getDefaultAutoSelectFamily()) &&
    !wantsFamily &&
    !target.localAddress;
  const options: dns.LookupOptions = {
    family: target.family ?? 0,
    hints: hintsOf(target, wantsFamily),
  };
  if (all) options.all = true;

  lookup(host, options, (error, found, family) => {
    if (error) {
      if (all) progress('lookup', error, undefined, undefined, host);
      else progress('lookup', error, found, family, host);
      process.nextTick(done, error, []);
      return;
    }
    const answers = Array.isArray(found)
      ? found
      : [{ address: found, family: family! }];
    for (const answer of answers) {
      progress('lookup', null, answer.address, answer.family, host);
    }
    const candidates = inTurns(answers.filter(isUsable));
    if (candidates.length > 0) done(undefined, candidates);
    else process.nextTick(done, unusable(answers[0], target), []);
  });
}

/**
 * The address of a name to listen at: as in `net`, a link-local one only if
 * there is no other.
 */
export function resolveLocal(
  host: string,
  done: (error: Error | undefined, address: string) => void,
): void {
  dns.lookup(host, { all: true }, (error, answers) => {
    if (error) {
      done(error, '');
      return;
    }
    const beyond = answers.find(({ address }) => !isOfLink(address));
    done(undefined, (beyond ?? answers[0]!).address);
  });
}

/** In fe80::/10, which is meaningless without an interface. */
function isOfLink(address: string): boolean {
  return /^fe[89ab][\da-f]:/i.test(address) && isIP(address) === 6;
}

/** The error of `net.connect` after several addresses were tried. */
export function together(errors: readonly Error[]): Error {
  const [first] = errors;
  if (errors.length === 1) return first!;
  const { code } = first as NodeJS.ErrnoException;
  return Object.assign(new AggregateError(errors), { code });
}

function hintsOf(target: TcpTarget, wantsFamily: boolean): number {
  const { hints = 0 } = target;
  return hints === 0 && !wantsFamily && process.platform !== 'win32'
    ? dns.ADDRCONFIG
    : hints;
}

function isUsable(answer: LookupAddress): answer is Candidate {
  return (
    isIP(answer.address) !== 0 && (answer.family === 4 || answer.family === 6)
  );
}

/**
 * Alternates families, each address once, beginning with the first answer's
 * family.
 */
function inTurns(answers: readonly Candidate[]): Candidate[] {
  const unique = answers.filter(
    ({ address }, index) =>
      answers.findIndex((other) => other.address === address) === index,
  );
  const first = unique.filter(({ family }) => family === unique[0]?.family);
  const second = unique.filter(({ family }) => family !== unique[0]?.family);
  return first.flatMap((candidate, index) => [
    candidate,
    ...(index < first.length - 1
      ? second.slice(index, index + 1)
      : second.slice(index)),
  ]);
}

function unusable(answer: LookupAddress | undefined, target: TcpTarget): Error {
  const { address, family } = answer ?? {};
  return isIP(address ?? '') === 0
    ? Object.assign(new TypeError(`Invalid IP address: ${address}`), {
        code: 'ERR_INVALID_IP_ADDRESS',
      })
    : Object.assign(
        new RangeError(
          `Invalid address family: ${family} ${target.host}:${target.port}`,
        ),
        {
          code: 'ERR_INVALID_ADDRESS_FAMILY',
          host: target.host,
          port: target.port,
        },
      );
}
