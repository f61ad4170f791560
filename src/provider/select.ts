import {
  XP1_CONNECT_DATA,
  XP1_DISCONNECT_DATA,
} from '../vocabulary/constants.js';
import { framedProvider } from './framed/provider.js';
import type { Provider } from './provider.js';

/** Every provider there is, most preferred first. */
export const providers: readonly Provider[] = [framedProvider];

/** Both, or `auto` does not take it. */
const needed = XP1_CONNECT_DATA | XP1_DISCONNECT_DATA;

/**
 * The one place that chooses a provider: by what it declares, not by the name
 * of the system.
 *
 * @param name `auto`, or a provider's name.
 * @throws {RangeError} no provider has that name.
 */
export function selectProvider(name = 'auto'): Provider {
  const chosen = providers.find((provider) =>
    name === 'auto'
      ? provider.protocols.some(
          ({ serviceFlags1 }) => (serviceFlags1 & needed) === needed,
        )
      : provider.name === name,
  );
  if (chosen) return chosen;
  const names = providers.map((provider) => provider.name).join(', ');
  throw new RangeError(
    `there is no provider "${name}"; take "auto" or one of: ${names}`,
  );
}
