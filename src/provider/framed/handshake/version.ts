import { violation, type Violation } from '../violation.js';
import { MAX_VERSION, MIN_VERSION } from '../wire.js';

/** Versions from `min` to `max`, both included. */
export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

const spoken: VersionRange = { min: MIN_VERSION, max: MAX_VERSION };

/**
 * §3.2: the callee's preface: the highest version that both sides speak, or its
 * own range if there is no common version.
 */
export function answerVersions(
  offered: VersionRange,
  own: VersionRange = spoken,
): VersionRange {
  const highest = Math.min(offered.max, own.max);
  return highest >= offered.min && highest >= own.min
    ? { min: highest, max: highest }
    : own;
}

/** §3.2: the version that the callee's preface chooses. */
export function chosenVersion(
  answer: VersionRange,
  own: VersionRange = spoken,
): number | Violation {
  if (answer.max < own.min || answer.min > own.max) {
    return violation(
      'version-unsupported',
      `the peer speaks versions ${answer.min} to ${answer.max}, this side ${own.min} to ${own.max}`,
    );
  }
  if (answer.min !== answer.max) {
    return violation(
      'bad-version',
      `the callee must choose one version, its preface says ${answer.min} to ${answer.max}`,
    );
  }
  return answer.min;
}
