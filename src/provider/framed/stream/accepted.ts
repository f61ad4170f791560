import { AsyncResource } from 'node:async_hooks';
import { StreamTransport } from './transport.js';

/**
 * An incoming connection, in the asynchronous context in which it was taken in.
 * The events of Node's own accepted sockets have none.
 */
export class AcceptedTransport extends StreamTransport {
  // One for each connection: what its listeners enter stays their own.
  readonly #context = new AsyncResource('GOODBYTE', {
    requireManualDestroy: true,
  });

  override onChunk(chunk: Uint8Array): void {
    this.#context.runInAsyncScope(() => {
      super.onChunk(chunk);
    });
  }

  override onStreamDrain(): void {
    this.#context.runInAsyncScope(() => {
      super.onStreamDrain();
    });
  }

  override onStreamEnd(): void {
    this.#context.runInAsyncScope(() => {
      super.onStreamEnd();
    });
  }

  override onStreamLost(error: Error | undefined): void {
    this.#context.runInAsyncScope(() => {
      super.onStreamLost(error);
    });
  }

  override onStreamClose(): void {
    this.#context.runInAsyncScope(() => {
      super.onStreamClose();
    });
    this.#context.emitDestroy();
  }
}
