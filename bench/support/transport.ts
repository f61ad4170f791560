import { selectProvider } from '../../src/provider/select.js';

export type Transport = 'stream' | 'engine';

/** The variable that chooses the transport when a process starts. */
export const TRANSPORT_VARIABLE = 'GOODBYTE_TRANSPORT';

interface Choice {
  transport: string;
  reason: string;
}

/** Of a provider that does not tell. */
const only: Choice = { transport: 'stream', reason: 'there is no other' };

/**
 * Why this process does not use the transport that is to be measured;
 * `undefined` if it does. Asked of the provider, since what can't be had must
 * not be measured under its name.
 */
export function whyNotUsed(wanted: Transport): string | undefined {
  try {
    const provider = selectProvider() as { transport?: Choice };
    const { transport, reason } = provider.transport ?? only;
    if (transport === wanted) return undefined;
    return `the transport is the ${transport}: ${reason}`;
  } catch (error) {
    return (error as Error).message;
  }
}
