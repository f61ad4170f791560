import { fileURLToPath } from 'node:url';

/**
 * Puts Winsock2 in memory in the addon's place, for this process. The library looks
 * for the addon on first use.
 */
export function useFake(): void {
  process.env['GOODBYTE_ADDON'] = fileURLToPath(
    new URL('fake.js', import.meta.url),
  );
  // The fake has Winsock2 and no engine.
  process.env['GOODBYTE_TRANSPORT'] = 'stream';
}
