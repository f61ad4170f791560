import { infoCommand } from '../../src/cli/info-command.js';

export type Transport = 'stream' | 'engine';

/** The variable that chooses the transport when a process starts. */
export const TRANSPORT_VARIABLE = 'GOODBYTE_TRANSPORT';

/**
 * Why this process does not use the transport that is to be measured;
 * `undefined` if it does. Asked of `goodbyte info --json`: what cannot be had
 * must not be measured under its name.
 */
export function whyNotUsed(wanted: Transport): string | undefined {
  const { transport = 'stream' } = info();
  return transport === wanted
    ? undefined
    : `this process uses the ${transport} transport, not the ${wanted}`;
}

function info(): { transport?: string } {
  let json = '';
  const stdout = {
    write(text: string) {
      json += text;
    },
  };
  infoCommand(['--json'], { stdout, stderr: process.stderr, env: process.env });
  return JSON.parse(json) as { transport?: string };
}
