import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { SOCKADDR } from '../../src/winsock/index.js';
import { resetTcp } from '../../src/tcp-reset.js';
import { libraryCalls } from '../agent/calls.js';
import type { AgentOptions } from '../agent/agent.js';
import { replacing } from './wrap.js';

const real = libraryCalls;

const PREFACE = 8;
const HEADER = 4;
const REJECT = 3;
const RESET = 6;

/** Octets of a callee without the frames that say why it ends. */
class WithoutReasons {
  #octets = Buffer.alloc(0);
  #begun = false;

  /** Returns the octets that may pass. */
  pass(octets: Buffer): Buffer {
    this.#octets = Buffer.concat([this.#octets, octets]);
    const passed: Buffer[] = [];
    if (!this.#begun && this.#octets.length >= PREFACE) {
      passed.push(this.#take(PREFACE));
      this.#begun = true;
    }
    while (this.#begun && this.#octets.length >= HEADER) {
      const length = HEADER + this.#octets.readUIntBE(1, 3);
      if (this.#octets.length < length) break;
      const frame = this.#take(length);
      if (frame[0] !== REJECT && frame[0] !== RESET) passed.push(frame);
    }
    return Buffer.concat(passed);
  }

  #take(length: number): Buffer {
    const taken = this.#octets.subarray(0, length);
    this.#octets = this.#octets.subarray(length);
    return taken;
  }
}

/** Passes everything from one socket to the other, including its end. */
function relay(
  from: Socket,
  to: Socket,
  change: (octets: Buffer) => Buffer,
): void {
  from.on('data', (octets) => to.write(change(octets)));
  from.on('end', () => to.end());
  from.on('error', () => resetTcp(to));
}

/**
 * Puts a relay between a listener and its callers that drops the callee's
 * reasons: no REJECT and no RESET gets through.
 */
function saysNoReasons(): AgentOptions {
  const names = new WeakMap<object, SOCKADDR>();
  return replacing({
    listen: async (s, backlog) => {
      const code = await real.listen(s, backlog);
      const name = real.getsockname(s);
      if (code !== 0 || !name) return code;
      const server = createServer({ allowHalfOpen: true }, (caller) => {
        const callee = connect({
          host: name.address,
          port: name.port,
          allowHalfOpen: true,
        });
        const filter = new WithoutReasons();
        relay(caller, callee, (octets) => octets);
        relay(callee, caller, (octets) => filter.pass(octets));
        caller.unref();
        callee.unref();
      });
      await new Promise<void>((resolve) => {
        server.listen(0, name.address, resolve);
      });
      server.unref();
      const { port } = server.address() as AddressInfo;
      names.set(s, { ...name, port });
      return code;
    },
    getsockname: (s) => names.get(s) ?? real.getsockname(s),
  });
}

/** Stops listening once a caller has violated the format. */
function stopsAtBadCallers(): AgentOptions {
  return replacing({
    WSASocket: (af, type, protocol, info, options) => {
      const s = real.WSASocket(af, type, protocol, info, {
        ...options,
        onHandshakeFailure: () => {
          real.closesocket(s);
        },
      });
      return s;
    },
  });
}

/** Loses the last octet of whatever it receives. */
function losesAnOctet(): AgentOptions {
  return replacing({
    WSARecv: (s, buffers, flags) => {
      const code = real.WSARecv(s, buffers, flags);
      return code > 0 ? code - 1 : code;
    },
  });
}

export const wireFaults = {
  'says-no-reasons': saysNoReasons,
  'stops-at-bad-callers': stopsAtBadCallers,
  'loses-an-octet': losesAnOctet,
};
