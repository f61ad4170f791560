// Condenses a test's TAP for a reader: every failure in full, each skip with its
// reason, and a line for each file.

import { inspect } from 'node:util';
import { Parser } from 'tap-parser';

export const say = (text) => process.stdout.write(`${text}\n`);
export const indent = (text) => text.replace(/^(?=.)/gm, '    ');

/**
 * A parser that describes each failure and skip to `describe`, and reports to
 * `count` whether each assertion `passed`, `failed` or was `skipped`. Skips that
 * `isFailure` accepts are not failures.
 */
export function tapReader(count, describe, isFailure) {
  const parser = new Parser();
  parser.on('pass', () => count('passed'));
  parser.on('fail', (result) => {
    count('failed');
    describe(describeFailure(result));
  });
  for (const kind of ['skip', 'todo']) {
    parser.on(kind, (result) => {
      const reason = result[kind] === true ? 'no reason given' : result[kind];
      const failed = isFailure(reason);
      count(failed ? 'failed' : 'skipped');
      const label = failed ? 'FAILED ' : 'skipped';
      describe(
        `${label} ${result.fullname || result.name} (${kind}: ${reason})`,
      );
    });
  }
  return parser;
}

/** The line for one test file. */
export function lineOn(file, { passed, failed, skipped }, ok, milliseconds) {
  const parts = [`${passed} passed`];
  if (failed) parts.push(`${failed} failed`);
  if (skipped) parts.push(`${skipped} skipped`);
  if (milliseconds) parts.push(`${(milliseconds / 1000).toFixed(1)} s`);
  return `${ok ? 'ok     ' : 'FAILED '} ${file}: ${parts.join(', ')}`;
}

function describeFailure({ fullname, name, diag, tapError }) {
  const { at: place, diff, stack, ...rest } = diag ?? {};
  const lines = [`FAILED  ${fullname || name}`];
  if (tapError) lines.push(indent(String(tapError)));
  if (place?.fileName) {
    lines.push(indent(`${place.fileName}:${place.lineNumber}`));
  }
  if (diff) lines.push(indent(diff.trimEnd()));
  for (const [key, value] of Object.entries(rest)) {
    const text =
      typeof value === 'string'
        ? value.trimEnd()
        : inspect(value, { depth: 8 });
    lines.push(
      indent(text.includes('\n') ? `${key}:\n${text}` : `${key}: ${text}`),
    );
  }
  if (stack) lines.push(indent(String(stack).trimEnd()));
  return lines.join('\n');
}
