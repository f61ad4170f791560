import t from 'tap';
import { SocketOption } from '../../../../src/native.js';
import { theEngineLoop } from '../../../../src/provider/framed/engine/loop.js';
import { framedProvider } from '../../../../src/provider/framed/provider.js';
import { CF_ACCEPT } from '../../../../src/vocabulary/constants.js';
import { WSAENOPROTOOPT } from '../../../../src/vocabulary/error-codes.js';
import {
  SERVICETYPE_CONTROLLEDLOAD,
  flowspec,
} from '../../../../src/vocabulary/qos.js';
import { freePipePath } from '../../../support/media.js';
import { needsUnix, wineLacks } from '../../../support/platform.js';
import {
  abortAll,
  accepted,
  connected,
  dialing,
  listening,
  targetOf,
} from '../../../support/seam.js';

const { transport, listening: listens } = framedProvider.transport!;
const callsByEngine = transport === 'engine';
const tcp = { port: 0, host: '127.0.0.1' };

t.afterEach(abortAll);

/** Ids are reused; other files in this process have had some. */
const MOST_IDS = 4096;

/** An option's values on this process's connections. */
function valuesOf(option: SocketOption): Set<number | undefined> {
  const loop = theEngineLoop()!;
  const ids = Array.from({ length: MOST_IDS }, (_, id) => id);
  return new Set(ids.map((id) => loop.option(id, option)));
}

const watching = wineLacks('the options by which TCP watches a connection');

t.test('options of TCP', { skip: callsByEngine && watching }, async (t) => {
  const listener = await listening(tcp);
  const { caller } = await connected(listener, targetOf(listener));
  const options = {
    userTimeout: 12_345,
    keepAliveIdle: 77,
    keepAliveInterval: 11,
    keepAliveCount: 5,
  } as const;
  for (const [name, value] of Object.entries(options)) {
    const option = name as keyof typeof options;
    const status = caller.socket.medium.setTcpOption(option, value);
    t.equal(status, callsByEngine ? 0 : WSAENOPROTOOPT, name);
    t.equal(
      caller.socket.medium.tcpOption(option),
      callsByEngine ? value : undefined,
    );
  }
});

t.test('a Unix socket or named pipe has none of them', async (t) => {
  const path = freePipePath();
  const listener = await listening({ path });
  const { caller } = await connected(listener, { path });
  t.equal(caller.socket.medium.setTcpOption('userTimeout', 1), WSAENOPROTOOPT);
  t.equal(caller.socket.medium.tcpOption('userTimeout'), undefined);
});

// The stream transport supports only one.
if (callsByEngine && listens === 'engine') {
  const skip = needsUnix('SO_MAX_PACING_RATE');
  t.test('each side sends as it was agreed', { skip }, async (t) => {
    const listener = await listening(tcp);
    const caller = dialing(targetOf(listener), {
      sqos: {
        sending: flowspec({ tokenRate: 1_234_500 }),
        receiving: flowspec({
          tokenRate: 2_345_600,
          serviceType: SERVICETYPE_CONTROLLEDLOAD,
        }),
      },
    });
    await accepted(listener, ({ sqos }) => ({
      verdict: CF_ACCEPT,
      sqos: { ...sqos!, sending: flowspec({ tokenRate: 1_000_000 }) },
    }));
    t.equal(await caller.next('connect'), 0);
    const rates = valuesOf(SocketOption.pacingRate);
    t.ok(rates.has(1_000_000), 'the caller, as the callee has changed it');
    t.ok(rates.has(2_345_600), 'the callee');
    t.notOk(rates.has(1_234_500));
    t.ok(valuesOf(SocketOption.serviceClass).has(0x18), 'controlled load');
  });
}
