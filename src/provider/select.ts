import {
  XP1_CONNECT_DATA,
  XP1_DISCONNECT_DATA,
} from '../vocabulary/constants.js';
import { framedProvider } from './framed/provider.js';
import type { Medium, Provider } from './provider.js';
import { ProviderError } from './winsock2/entries.js';
import {
  isNamedProvider,
  namedProvider,
  winsock2Provider,
} from './winsock2/provider.js';

let known: readonly Provider[] | undefined;

/** Every provider there is, most preferred first. */
export function providers(): readonly Provider[] {
  if (known) return known;
  const winsock2 = winsock2Provider();
  if (!winsock2) return (known = [framedProvider]);
  try {
    return (known = isPreferable(winsock2)
      ? [winsock2, framedProvider]
      : [framedProvider, winsock2]);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    // Framing works without the catalog, which may be readable later.
    return [framedProvider, winsock2];
  }
}

/** `auto` requires both. */
const needed = XP1_CONNECT_DATA | XP1_DISCONNECT_DATA;

function isPreferable({ protocols }: Provider): boolean {
  return protocols.some(
    ({ serviceFlags1 }) => (serviceFlags1 & needed) === needed,
  );
}

/**
 * The only place that chooses a provider: by what it declares, not by the
 * system's name.
 *
 * @param name `auto`; a provider's name; `winsock2:` and the id of an entry of
 *  Winsock's catalog, or the path of a provider's DLL.
 * @param medium the medium that `auto` has to carry; TCP if absent.
 * @throws {RangeError} no provider has that name, or it is not available.
 */
export function selectProvider(
  name = 'auto',
  medium: Medium = { port: 0 },
): Provider {
  if (isNamedProvider(name)) return namedProvider(name);
  const chosen = providers().find((provider) =>
    name === 'auto'
      ? provider.carries(medium) && isPreferable(provider)
      : provider.name === name,
  );
  if (chosen) return chosen;
  const names = providers()
    .map((provider) => provider.name)
    .join(', ');
  throw new RangeError(
    `unknown provider "${name}"; choose "auto" or one of: ${names}`,
  );
}
