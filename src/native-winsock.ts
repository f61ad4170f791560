/**
 * Winsock's functions in the addon (native/win/winsock.cc). A `Status` is 0 or
 * a `WSAE*` number; where a call returns another number, a failure is the
 * negated status. A call for a closed id fails with WSAENOTSOCK.
 */
export interface NativeWinsock {
  /**
   * Called once, before any socket is made.
   *
   * @param events buffer for network events of {@link NETWORK_EVENTS_LENGTH}
   *  32-bit numbers: id, the FD_* that came, and their errors by FD_*_BIT.
   * @param tell is called with the number of events to read, at most once in a
   *  turn of the loop.
   */
  start(events: Uint8Array, tell: (count: number) => void): void;
  /** Sockets that are open. */
  countOpen(): number;
  /** All Windows handles of the process. */
  countHandles(): number;
  /** Sets whether sockets keep the process alive; initially they do not. */
  ref(): void;
  unref(): void;

  /** Every entry, layered ones and chains too; or an error. */
  catalog(): NativeEntry[] | number;
  /** A provider's number, or a negative error; and 0. */
  useCatalog(entry: number): [provider: number, systemError: number];
  /**
   * The same for a DLL, installed or not.
   *
   * @returns WSAEPROVIDERFAILEDINIT: it can't be loaded (with the system's
   *  error), or its WSPStartup failed; WSAEINVALIDPROVIDER: not a provider, or
   *  of another version; WSAEINVALIDPROCTABLE: an entry is missing.
   */
  useLibrary(
    path: string,
    family: number,
    type: number,
    protocol: number,
  ): [provider: number, systemError: number];
  /** Its entry; for a DLL, the SO_PROTOCOL_INFO of one of its sockets. */
  describe(provider: number): NativeEntry;

  /** WSASocket, and WSAEventSelect with `mask`. */
  open(provider: number, mask: number): number;
  close(id: number): void;
  bind(id: number, address: string, port: number): number;
  listen(id: number, backlog: number): number;
  /** @param qos of {@link NativeWinsock.qos}'s form. */
  connect(
    id: number,
    address: string,
    port: number,
    callerData: Uint8Array | undefined,
    calleeCapacity: number,
    qos: Uint8Array | undefined,
  ): number;
  /** After FD_CONNECT. */
  calleeData(id: number): NativeRoom;
  /** After FD_CONNECT: two FLOWSPECs, and the provider's own part. */
  qos(id: number): Uint8Array | undefined;
  /**
   * WSAAccept, which calls `decide`. An exception from it is rethrown, and the
   * request stays.
   *
   * @returns the id of the accepted socket, with `mask` selected.
   */
  accept(id: number, mask: number, decide: NativeDecide): number;

  /** @param pieces at most {@link MOST_PIECES}. */
  send(id: number, pieces: readonly Uint8Array[]): number;
  /** @param flags receives MSG_* in its first number. */
  receive(id: number, room: Uint8Array, flags: Uint32Array): number;
  /** @param data `undefined`: a NULL pointer. */
  sendDisconnect(id: number, data: Uint8Array | undefined): number;
  /** @param capacity -1: a NULL pointer. @returns a number for an error. */
  receiveDisconnect(id: number, capacity: number): NativeRoom | number;
  shutdown(id: number, how: number): number;

  setOption(id: number, level: number, name: number, value: Uint8Array): number;
  /** @returns the octets written into `room`. */
  getOption(id: number, level: number, name: number, room: Uint8Array): number;
  localName(id: number): NativeName | undefined;
  peerName(id: number): NativeName | undefined;
}

export type NativeName = [family: 4 | 6, address: string, port: number];

/** A buffer that a provider filled, and the `len` that it left. */
type NativeRoom = [data: Uint8Array | undefined, length: number];

/**
 * @param seen the pointers that were given, as bits: lpCallerData and its buf,
 *  lpCalleeData and its buf.
 */
export type NativeDecide = (
  callerId: NativeName | undefined,
  callerData: Uint8Array | undefined,
  qos: Uint8Array | undefined,
  calleeId: NativeName | undefined,
  calleeCapacity: number,
  seen: number,
) => [
  verdict: number,
  data: Uint8Array | undefined,
  qos: Uint8Array | undefined,
];

/** WSAPROTOCOL_INFO, and the catalog's other data. */
export interface NativeEntry {
  protocol: string;
  catalogEntryId: number;
  addressFamily: number;
  socketType: number;
  protocolNumber: number;
  serviceFlags1: number;
  providerFlags: number;
  version: number;
  messageSize: number;
  /** 1: a base provider; 0: a layered one; more: a chain of them. */
  chainLength: number;
  chain: number[];
  /** The DLL's path; '' if the catalog does not have it. */
  path: string;
}

/** 32-bit numbers of one network event. */
export const NETWORK_EVENTS_LENGTH = 8;
