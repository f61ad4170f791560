import type { DisconnectExtras } from '../provider/provider.js';

/**
 * SO_CONNDATA to SO_DISCOPTLEN: user data by socket options ("SOL_SOCKET
 * Socket Options"; the DDK's pages on transports with user data).
 */
export interface UserDataOptions {
  /** SO_CONNDATA: the caller's, or a listener's reply to every caller. */
  connectData: Uint8Array | undefined;
  /** SO_CONNOPT. */
  connectOptions: Uint8Array | undefined;
  /** SO_DISCDATA: sent at shutdown or closesocket. */
  disconnectData: Uint8Array | undefined;
  /** SO_DISCOPT: sent beside it. */
  disconnectExtras: DisconnectExtras | undefined;
  /** SO_CONNDATALEN: octets reserved for the answer. */
  connectDataLength: number;
  /** SO_CONNOPTLEN. */
  connectOptionsLength: number;
}

export function noUserData(): UserDataOptions {
  return {
    connectData: undefined,
    connectOptions: undefined,
    disconnectData: undefined,
    disconnectExtras: undefined,
    connectDataLength: 0,
    connectOptionsLength: 0,
  };
}
