import type {
  ConnectionOwner,
  ListenerOwner,
} from '../../src/provider/provider.js';

/** An owner that ignores everything except the given callbacks. */
export function ownerThat(
  acts: Partial<ConnectionOwner & ListenerOwner>,
): ConnectionOwner & ListenerOwner {
  const ignore = () => {};
  return {
    onConnected: ignore,
    onConnectFailed: ignore,
    onReadable: ignore,
    onWritable: ignore,
    onClosed: ignore,
    onNotice: ignore,
    onReleased: ignore,
    onRequest: ignore,
    onHandshakeFailure: ignore,
    onListenError: ignore,
    ...acts,
  };
}
