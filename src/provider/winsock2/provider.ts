import type { ProtocolInfo } from '../../vocabulary/protocol-info.js';
import type { Medium, Provider, SocketOptions } from '../provider.js';
import { catalogEntries, namedEntries, type Entry } from './entries.js';
import { hasWinsock, theWinsockLoop } from './loop.js';
import { Winsock2Connection } from './connection.js';
import { Winsock2Listener } from './listener.js';
import type { EntrySource } from './source.js';

const NAME = 'winsock2';
const PREFIX = `${NAME}:`;

class Winsock2Provider implements Provider, EntrySource {
  readonly name: string;
  readonly framing = false;
  readonly refusesUndeclared: boolean;
  readonly #read: () => Entry[];
  #entries: Entry[] | undefined;
  #protocols: readonly ProtocolInfo[] | undefined;

  constructor(name: string, refusesUndeclared: boolean, read: () => Entry[]) {
    this.name = name;
    this.refusesUndeclared = refusesUndeclared;
    this.#read = read;
  }

  get entries(): readonly Entry[] {
    return (this.#entries ??= this.#read());
  }

  get protocols(): readonly ProtocolInfo[] {
    return (this.#protocols ??= this.entries.map(({ info }) => ({
      protocol: info.protocol,
      provider: this.name,
      catalogEntryId: info.catalogEntryId,
      addressFamily: info.addressFamily,
      socketType: info.socketType,
      protocolNumber: info.protocolNumber,
      serviceFlags1: info.serviceFlags1,
      messageSize: info.messageSize,
    })));
  }

  get conditionalAccept(): boolean {
    return this.entries.every((entry) => entry.conditionalAccept);
  }

  carries({ port, tls, proxyProtocol }: Medium): boolean {
    return port !== undefined && !tls && !proxyProtocol;
  }

  createConnection(options: Readonly<SocketOptions>): Winsock2Connection {
    return new Winsock2Connection(this, options);
  }

  createListener(options: Readonly<SocketOptions>): Winsock2Listener {
    return new Winsock2Listener(this, options);
  }
}

/** Winsock2's catalog as one provider; `undefined` on other systems. */
export function winsock2Provider(): Provider | undefined {
  return hasWinsock()
    ? new Winsock2Provider(NAME, true, catalogEntries)
    : undefined;
}

/** A name stands for one entry of the catalog, or for a provider's DLL. */
export function isNamedProvider(name: string): boolean {
  return name.startsWith(PREFIX);
}

const named = new Map<string, Provider>();

/**
 * The provider of `winsock2:<catalog id>` or `winsock2:<path of a DLL>`.
 * Undeclared data is not refused here: the provider's answer is passed on.
 *
 * @throws {Error} the provider does not exist or does not start, with the
 *  reason.
 */
export function namedProvider(name: string): Provider {
  let provider = named.get(name);
  if (!provider) {
    theWinsockLoop();
    const entries = namedEntries(name.slice(PREFIX.length));
    provider = new Winsock2Provider(name, false, () => entries);
    named.set(name, provider);
  }
  return provider;
}
