import type { StepResult } from '../protocol/messages.js';
import { describeOctets, octetsOf } from '../scenario/data.js';
import type { DataSpec, Expectation } from '../scenario/types.js';

/** A member of a result that differs from the expectation. */
export interface Mismatch {
  member: keyof Expectation;
  expected: string;
  got: string;
}

const dataMembers = [
  'data',
  'callerData',
  'calleeData',
  'rejectData',
  'sqos',
] as const;
const plainMembers = [
  'return',
  'needed',
  'conditionCalls',
  'callerFamily',
  'calleeFamily',
  'value',
] as const;
/** An agent may leave out members without a value. */
const optionalMembers = ['code', 'mayRepeat', 'alpn'] as const;

function octetsOfHex(hex: string | null | undefined): Buffer | null {
  return hex ? Buffer.from(hex, 'hex') : null;
}

function expectedOctets(spec: DataSpec | null): Buffer | null {
  const octets = spec && octetsOf(spec);
  return octets && octets.length > 0 ? octets : null;
}

function sameOctets(one: Buffer | null, other: Buffer | null): boolean {
  return one === null || other === null ? one === other : one.equals(other);
}

const describeError = (error: string | null): string => error ?? 'success';

/** Every difference between a result and its expectation. */
export function compare(
  result: StepResult,
  expectation: Expectation,
): Mismatch[] {
  const found: Mismatch[] = [];
  const wanted = expectation.error ?? null;
  if (wanted !== 'any' && result.error !== wanted) {
    found.push({
      member: 'error',
      expected: describeError(wanted),
      got: describeError(result.error),
    });
  }
  for (const member of plainMembers) {
    const expected = expectation[member];
    if (expected !== undefined && result[member] !== expected) {
      found.push({
        member,
        expected: `${member} ${String(expected)}`,
        got: `${member} ${String(result[member])}`,
      });
    }
  }
  for (const member of optionalMembers) {
    const expected = expectation[member];
    const got = result[member] ?? null;
    if (expected !== undefined && got !== expected) {
      found.push({
        member,
        expected: `${member} ${String(expected ?? 'none')}`,
        got: `${member} ${String(got ?? 'none')}`,
      });
    }
  }
  for (const member of dataMembers) {
    const spec = expectation[member];
    if (spec === undefined) continue;
    const expected = expectedOctets(spec);
    const got = octetsOfHex(result[member]);
    if (!sameOctets(expected, got)) {
      found.push({
        member,
        expected: `${member}: ${describeOctets(expected)}`,
        got: `${member}: ${describeOctets(got)}`,
      });
    }
  }
  if (expectation.frames) {
    const expected = expectation.frames.join(', ');
    const got = (result.frames ?? []).join(', ');
    if (got !== expected) {
      found.push({
        member: 'frames',
        expected: `frames: ${expected}`,
        got: `frames: ${got}`,
      });
    }
  }
  if (expectation.messages) {
    const expected = expectation.messages.map((one) => octetsOf(one));
    const got = (result.messages ?? []).map((hex) => Buffer.from(hex, 'hex'));
    const same =
      expected.length === got.length &&
      expected.every((one, index) => one.equals(got[index]!));
    if (!same) {
      found.push({
        member: 'messages',
        expected: describeMessages(expected),
        got: describeMessages(got),
      });
    }
  }
  return found;
}

function describeMessages(messages: readonly Buffer[]): string {
  const lengths = messages.map(({ length }) => length).join(', ');
  return messages.length === 0
    ? 'no message'
    : `${messages.length} messages of ${lengths} octets`;
}
