import type { Account } from './side.js';

/** The outcome of a session. */
export type Finding =
  | { kind: 'whole' | 'told' }
  | { kind: 'lost' | 'misreported' | 'hung'; what: string };

/**
 * Whether each end received all that the other said, or reported a failure that
 * had a cause.
 */
export function judge(caller: Account, callee: Account): Finding {
  const what =
    against(caller, callee, 'the caller') ??
    against(callee, caller, 'the callee');
  if (what) return what;
  return {
    kind:
      caller.error || callee.error || caller.left || callee.left
        ? 'told'
        : 'whole',
  };
}

/** Finds contradictions between the words of `other` and those that `it` received. */
function against(
  it: Account,
  other: Account,
  name: string,
): Finding | undefined {
  const wrongly = (what: string): Finding => ({
    kind: 'misreported',
    what: `${name} ${what}`,
  });
  const lost = (what: string): Finding => ({
    kind: 'lost',
    what: `${name} ${what}`,
  });

  if (it.garbled) return wrongly('received other octets than were written');
  if (it.behindEnd) return wrongly('had an event after the end');
  if (it.calledTwice) return wrongly('had a write called back twice');
  if (it.callbacks < it.writes) {
    return wrongly(`had ${it.callbacks} of ${it.writes} writes called back`);
  }
  if (it.closed > 1) return wrongly(`was closed ${it.closed} times`);

  const mayFail = it.mayReset || other.mayReset;
  if (it.graceful) {
    if (it.octets !== other.written) {
      return wrongly(
        `reported a graceful end after ${it.octets} of ${other.written} octets`,
      );
    }
    if (!other.words.some((word) => isSame(word, it.word))) {
      return wrongly(
        `received a last word of ${it.word?.length ?? 0} octets; one of ${lengths(other)} was sent`,
      );
    }
  } else if (it.error) {
    if (!mayFail)
      return lost(`reported ${nameOf(it.error)}, but nothing had failed`);
  } else if (!it.left) {
    return lost('reported neither an end nor a failure');
  }

  const { resolved, rejected } = it;
  if (resolved && !other.words.some((word) => isSame(word, resolved.word))) {
    return wrongly(
      `had disconnect() resolve to ${resolved.word?.length ?? 0} octets; one of ${lengths(other)} was sent`,
    );
  }
  if (resolved && !it.left && !it.aborted && !other.graceful && !other.left) {
    return wrongly('had disconnect() resolve, but its peer reported a failure');
  }
  if (rejected && !mayFail) {
    return lost(
      `had disconnect() rejected (${nameOf(rejected)}), but nothing had failed`,
    );
  }
  return undefined;
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one && other ? one.equals(other) : one === other;
}

function lengths(account: Account): string {
  return account.words.map((word) => word?.length ?? 0).join(', ');
}

function nameOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
