import { WSAENOTCONN } from '../../vocabulary/error-codes.js';
import type { Done } from '../provider.js';
import type { FrameTransport } from './transport.js';

/** Takes the place of a transport before there is one, and after it is gone. */
class NoTransport implements FrameTransport {
  readonly unsent = 0;
  readonly left = 0;
  readonly outstanding = 0;
  readonly received = 0;
  readonly willDrain = false;
  readonly localAddress = undefined;
  readonly remoteAddress = undefined;
  readonly stream = undefined;

  sendPreface(): void {}
  sendFrame(_type: number, _payload: Uint8Array, done?: Done): boolean {
    return fail(done);
  }
  sendData(
    _pieces: readonly Uint8Array[],
    _length: number,
    done?: Done,
  ): boolean {
    return fail(done);
  }
  sendPlain(_octets: Uint8Array, done?: Done): boolean {
    return fail(done);
  }
  sendFin(done?: Done): boolean {
    return fail(done);
  }
  sendLastFrame(_type: number, _payload: Uint8Array, done?: Done): boolean {
    return fail(done);
  }
  pause(): void {}
  resume(): void {}
  hold(): void {}
  release(): void {}
  linger(): void {}
  reset(): void {}
  detach(): void {}
  ref(): void {}
  unref(): void {}
  setNoDelay(): void {}
  setKeepAlive(): void {}
  setTcpOption(): boolean {
    return false;
  }
  setTypeOfService(): boolean {
    return false;
  }
  readonly typeOfService = undefined;
  tcpOption(): undefined {
    return undefined;
  }
  shape(): void {}
}

function fail(done: Done | undefined): boolean {
  if (done) process.nextTick(done, WSAENOTCONN);
  return false;
}

export const noTransport: FrameTransport = new NoTransport();
