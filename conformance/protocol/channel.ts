/** A way for messages to another side, and back. */
export interface MessageChannel {
  send(message: object): void;
  /** Ends the conversation; the receiver is told. */
  close(): void;
  receiver: Receiver | undefined;
  /** The beginning of a message that has not come to its end, if any has. */
  readonly unfinished?: string | undefined;
}

/**
 * How a channel came to be closed: the peer is gone, it sent what is not
 * a message, or this side closed it.
 */
export type Closing = 'gone' | 'garbled' | 'closed';

/** Where a channel's messages go. */
export interface Receiver {
  message(message: unknown): void;
  /** Once, when no message can come any more. */
  closed(why: string, how: Closing): void;
}

class MemoryChannel implements MessageChannel {
  receiver: Receiver | undefined;
  other: MemoryChannel | undefined;

  send(message: object): void {
    // As text: what passes here passes over a pipe as well.
    const text = JSON.stringify(message);
    const { other } = this;
    queueMicrotask(() => other?.receiver?.message(JSON.parse(text)));
  }

  close(): void {
    const ends = [this, this.other];
    for (const end of ends) {
      if (!end) continue;
      end.other = undefined;
      queueMicrotask(() => {
        const { receiver } = end;
        end.receiver = undefined;
        receiver?.closed('closed', 'closed');
      });
    }
  }
}

/** The two ends of a channel within this process. */
export function memoryChannels(): [MessageChannel, MessageChannel] {
  const one = new MemoryChannel();
  const two = new MemoryChannel();
  one.other = two;
  two.other = one;
  return [one, two];
}
