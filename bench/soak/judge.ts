import type { Account } from './side.js';

/** The outcome of a session. */
export type Finding =
  | { kind: 'whole' | 'told' }
  | { kind: 'lost' | 'told wrongly' | 'hung'; what: string };

/**
 * Whether what both ends were told is so: all that one has said, or a failure
 * that had a cause.
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

/** Contradictions between the words of `other` and those that `it` received. */
function against(
  it: Account,
  other: Account,
  name: string,
): Finding | undefined {
  const wrongly = (what: string): Finding => ({
    kind: 'told wrongly',
    what: `${name} ${what}`,
  });
  const lost = (what: string): Finding => ({
    kind: 'lost',
    what: `${name} ${what}`,
  });

  if (it.garbled) return wrongly('was given other octets than were written');
  if (it.behindEnd) return wrongly('was told something behind the end');
  if (it.calledTwice) return wrongly('had a write called back twice');
  if (it.callbacks < it.writes) {
    return wrongly(`had ${it.callbacks} of ${it.writes} writes called back`);
  }
  if (it.closed > 1) return wrongly(`was closed ${it.closed} times`);

  const mayFail = it.mayReset || other.mayReset;
  if (it.graceful) {
    if (it.octets !== other.written) {
      return wrongly(
        `was told of a graceful end after ${it.octets} of ${other.written} octets`,
      );
    }
    if (!other.words.some((word) => isSame(word, it.word))) {
      return wrongly(
        `heard a last word of ${it.word?.length ?? 0} octets; said was one of ${lengths(other)}`,
      );
    }
  } else if (it.error) {
    if (!mayFail)
      return lost(`was told ${nameOf(it.error)}, and nothing had failed`);
  } else if (!it.left) {
    return lost('was told neither of an end nor of a failure');
  }

  const { resolved, rejected } = it;
  if (resolved && !other.words.some((word) => isSame(word, resolved.word))) {
    return wrongly(
      `had disconnect() resolve to ${resolved.word?.length ?? 0} octets; said was one of ${lengths(other)}`,
    );
  }
  if (resolved && !it.left && !it.aborted && !other.graceful && !other.left) {
    return wrongly(
      'had disconnect() resolve, and the other one was told a failure',
    );
  }
  if (rejected && !mayFail) {
    return lost(
      `had disconnect() rejected (${nameOf(rejected)}), and nothing had failed`,
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
