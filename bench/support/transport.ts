import { selectProvider } from '../../src/provider/select.js';

export type Transport = 'stream' | 'engine';

/** The variable that chooses the transport when a process starts. */
export const TRANSPORT_VARIABLE = 'GOODBYTE_TRANSPORT';

/**
 * Why this process does not use the transport that is to be measured;
 * `undefined` if it does. The provider is asked, so that an unavailable transport
 * is never measured under its name.
 */
export function whyNotUsed(wanted: Transport): string | undefined {
  try {
    const choice = selectProvider().transport;
    if (!choice) return 'the provider reports no transport';
    return choice.transport === wanted
      ? undefined
      : `the transport is the ${choice.transport}: ${choice.reason}`;
  } catch (error) {
    return (error as Error).message;
  }
}
