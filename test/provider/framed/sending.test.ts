import t from 'tap';
import { SOCK_SEQPACKET } from '../../../src/vocabulary/constants.js';
import {
  WSA_IO_PENDING,
  WSA_OPERATION_ABORTED,
  WSAECONNRESET,
  WSAEMSGSIZE,
  type Status,
} from '../../../src/vocabulary/error-codes.js';
import type { ProviderConnection } from '../../../src/provider/provider.js';
import { MAX_FRAME_PAYLOAD } from '../../../src/provider/framed/wire.js';
import {
  abortAll,
  accepted,
  connected,
  listening,
  newListener,
  targetOf,
} from '../../support/seam.js';
import { duplexPair } from '../../support/duplex-pair.js';
import { call, limits } from '../../support/wire.js';

t.afterEach(abortAll);

const tcp = { port: 0, host: '127.0.0.1' };

/** Octets that show their order: each is a part of its own position. */
function counted(length: number): Buffer {
  const octets = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; at++)
    octets[at] = at ^ (at >>> 8) ^ (at >>> 16);
  return octets;
}

t.test('a stream takes pieces of any length, in their order', async (t) => {
  const listener = await listening(tcp);
  const { caller, callee } = await connected(listener, targetOf(listener), {
    sendBuffer: Infinity,
  });
  const big = counted(MAX_FRAME_PAYLOAD + 3);
  const cases = [
    { name: 'none at all', data: [] },
    { name: 'an empty one', data: Buffer.alloc(0) },
    { name: 'small ones', data: [counted(3), Buffer.alloc(0), counted(5)] },
    { name: 'a large one', data: counted(100_000) },
    { name: 'large and small ones', data: [counted(1), counted(70_000)] },
    { name: 'more than a frame holds, in one', data: big },
    {
      name: 'more than a frame holds, in two',
      data: [big.subarray(0, 1_000_000), big.subarray(1_000_000)],
    },
  ];
  const sent = cases.map(({ data }) => outcome(caller.socket, data));
  caller.socket.sendDisconnect(undefined);
  const expected = Buffer.concat(cases.flatMap(({ data }) => data));
  t.ok((await callee.read()).equals(expected));
  for (const [index, { name }] of cases.entries()) {
    t.equal(await sent[index], 0, `it is reported: ${name}`);
  }
});

/** A send's outcome: its result, or the status that `done` receives once. */
async function outcome(
  socket: ProviderConnection,
  data: Uint8Array | readonly Uint8Array[],
): Promise<Status> {
  const told: Status[] = [];
  return new Promise((resolve) => {
    const status = socket.send(data, (fate) => {
      told.push(fate);
      // A second call would occur in the same turn.
      setImmediate(() => {
        resolve(told.length === 1 ? fate : Number.NaN);
      });
    });
    if (status !== WSA_IO_PENDING) resolve(status);
  });
}

const endings: {
  name: string;
  end: (caller: ProviderConnection, callee: ProviderConnection) => void;
  told: Status;
}[] = [
  {
    name: 'our own abort',
    end: (caller) => caller.close(0),
    told: WSA_OPERATION_ABORTED,
  },
  {
    name: 'a linger that is over',
    end: (caller) => caller.close(1),
    told: WSA_OPERATION_ABORTED,
  },
  {
    name: "the peer's abort",
    end: (_, callee) => callee.close(0),
    told: WSAECONNRESET,
  },
];

for (const { name, end, told } of endings) {
  t.test(`sends under way learn of ${name}, once each`, async (t) => {
    const listener = await listening(tcp);
    const { caller, callee } = await connected(listener, targetOf(listener), {
      sendBuffer: Infinity,
    });
    // More than the peer reads.
    const sends = Array.from({ length: 3 }, () =>
      outcome(caller.socket, Buffer.alloc(20_000_000)),
    );
    const word = new Promise<Status>((resolve) => {
      const status = caller.socket.sendDisconnect(Buffer.from('x'), resolve);
      if (status !== WSA_IO_PENDING) resolve(status);
    });
    end(caller.socket, callee.socket);
    t.strictSame(await Promise.all([...sends, word]), [told, told, told, told]);
  });
}

t.test('a short buffer may change at once after it is sent', async (t) => {
  const listener = await listening(tcp);
  const { caller, callee } = await connected(listener, targetOf(listener));
  const octets = Buffer.from('as it was');
  caller.socket.send(octets);
  octets.fill('x');
  caller.socket.sendDisconnect(undefined);
  t.equal(String(await callee.read()), 'as it was');
});

t.test('a message is never longer than the peer takes', async (t) => {
  const options = { socketType: SOCK_SEQPACKET, messageLimit: 10 };
  const listener = await listening(tcp, options);
  const { caller } = await connected(listener, targetOf(listener), options);
  t.equal(caller.socket.send(Buffer.alloc(11)), WSAEMSGSIZE);
  t.equal(
    caller.socket.send([Buffer.alloc(6), Buffer.alloc(5)]),
    WSAEMSGSIZE,
    'in pieces neither',
  );
  t.equal(caller.socket.send(Buffer.alloc(10)), 0);
});

t.test('nor than a frame, whatever limit the peer announces', async (t) => {
  const listener = newListener({ socketType: SOCK_SEQPACKET });
  const [here, there] = duplexPair();
  listener.socket.adopt(there);
  here.write(
    call({ socketType: 5, limits: { ...limits, message: 0xffffffff } }),
  );
  const callee = await accepted(listener);
  t.equal(callee.socket.send(Buffer.alloc(MAX_FRAME_PAYLOAD + 1)), WSAEMSGSIZE);
});
