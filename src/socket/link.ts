import type { Address, ProviderSocket } from '../provider/provider.js';

/**
 * The provider's socket below a Socket: which one it is, what its ends are
 * called, and how it is set.
 *
 * Names outlive the connection, as in net; settings may come before it.
 */
export class Link {
  /** From connect, or from the accept, until it is closed. */
  provider: ProviderSocket | undefined;
  /** What {@link provider} was then: its words can still be asked for. */
  #closed: ProviderSocket | undefined;

  #localName: Address | undefined;
  #remoteName: Address | undefined;

  #noDelay: boolean | undefined;
  #keepAlive: { on: boolean; delay: number } | undefined;
  #unref = false;

  /** Open or closed. */
  get known(): ProviderSocket | undefined {
    return this.provider ?? this.#closed;
  }

  /** @param linger SO_LINGER; 0: abort. */
  close(linger: number | undefined): void {
    const { provider } = this;
    if (!provider) return;
    this.provider = undefined;
    this.#closed = provider;
    provider.close(linger);
  }

  /** The socket is about to connect again. */
  renew(): void {
    this.#closed = undefined;
    this.#localName = undefined;
    this.#remoteName = undefined;
  }

  // -- names ----------------------------------------------------------------

  get localName(): Address | undefined {
    this.#localName ??= withPort(this.provider?.localAddress);
    return this.#localName;
  }

  get remoteName(): Address | undefined {
    this.#remoteName ??= withPort(this.provider?.remoteAddress);
    return this.#remoteName;
  }

  // -- settings -------------------------------------------------------------

  /** @param isOpen whether there is a connection that it is for by now. */
  setNoDelay(on: boolean, isOpen: boolean): void {
    this.#noDelay = on;
    if (isOpen) this.provider!.setNoDelay(on);
  }

  /** @param isOpen as of {@link setNoDelay}. */
  setKeepAlive(on: boolean, delay: number, isOpen: boolean): void {
    this.#keepAlive = { on, delay };
    if (isOpen) this.provider!.setKeepAlive(on, delay);
  }

  ref(): void {
    this.#unref = false;
    this.provider?.ref();
  }

  unref(): void {
    this.#unref = true;
    this.provider?.unref();
  }

  /** The connection stands: what was set before holds for it too. */
  applySettings(): void {
    const provider = this.provider!;
    if (this.#noDelay !== undefined) provider.setNoDelay(this.#noDelay);
    if (this.#keepAlive) {
      provider.setKeepAlive(this.#keepAlive.on, this.#keepAlive.delay);
    }
    if (this.#unref) provider.unref();
  }
}

/** A path's ends have no address, as net sees it. */
function withPort(address: Address | undefined): Address | undefined {
  return address?.family === 'unix' ? undefined : address;
}
