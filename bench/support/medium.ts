import { anyPort, pipePath, type Place } from './place.js';
import { Tls } from './tls.js';

/** The medium of a work's connections. */
export interface Medium {
  /** Where to listen. */
  readonly place: Place;
  readonly tls?: Tls;
}

export const media = {
  tcp: (): Medium => ({ place: anyPort }),
  unix: (): Medium => ({ place: { path: pipePath() } }),
  tls: (): Medium => ({ place: anyPort, tls: new Tls(false) }),
  resumed: (): Medium => ({ place: anyPort, tls: new Tls(true) }),
};

/** @throws if the medium has no TLS. */
export function tlsOf({ tls }: Medium): Tls {
  if (!tls) throw new Error('the medium has no TLS');
  return tls;
}
