/** A two-way channel for messages. */
export interface MessageChannel {
  send(message: object): void;
  /** Ends the conversation; calls the receiver's `closed`. */
  close(): void;
  receiver: Receiver | undefined;
  /** The beginning of an incomplete message, if there is one. */
  readonly unfinished?: string | undefined;
}

/**
 * The way a channel closed: the peer is gone or sent something other than a
 * message, or this side closed the channel.
 */
export type Closing = 'gone' | 'garbled' | 'closed';

/** The receiver of a channel's messages. */
export interface Receiver {
  message(message: unknown): void;
  /** Called once, after the last message. */
  closed(why: string, how: Closing): void;
}

class MemoryChannel implements MessageChannel {
  receiver: Receiver | undefined;
  other: MemoryChannel | undefined;

  send(message: object): void {
    // As text, so that anything that passes here passes over a pipe too.
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
