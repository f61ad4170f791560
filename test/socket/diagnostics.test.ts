import { channel } from 'node:diagnostics_channel';
import { EventEmitter, once } from 'node:events';
import net from 'node:net';
import t, { type Test } from 'tap';
import {
  reject,
  type ConnectTrace,
  type DisconnectTrace,
  type HandshakeErrorMessage,
  type ResetMessage,
  type VerdictMessage,
  type WinsockError,
  type WordLostMessage,
} from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { connected, serve } from '../support/serve.js';

/** The next message on a channel. */
async function next<M>(t: Test, name: string): Promise<M> {
  const messages = new EventEmitter();
  const onmessage = (message: unknown) => messages.emit('message', message);
  channel(name).subscribe(onmessage);
  t.teardown(() => channel(name).unsubscribe(onmessage));
  const [message] = await once(messages, 'message');
  return message as M;
}

/** Events of a tracing channel, in order. */
function trace<C>(t: Test, name: string): [string, C][] {
  const seen: [string, C][] = [];
  for (const event of ['start', 'end', 'asyncStart', 'asyncEnd', 'error']) {
    const one = `tracing:goodbyte:${name}:${event}`;
    const listener = (context: unknown) => seen.push([event, context as C]);
    channel(one).subscribe(listener);
    t.teardown(() => channel(one).unsubscribe(listener));
  }
  return seen;
}

const codeOf = (error: unknown) => (error as WinsockError).code;

t.test('a handshake that fails', async (t) => {
  const { server, port } = await serve(t);
  const told = next<HandshakeErrorMessage>(t, 'goodbyte:handshakeError');
  const stranger = net.connect(port, '127.0.0.1');
  stranger.on('error', () => {}).write('GET / HTTP/1.1\r\n\r\n');
  const message = await told;
  stranger.destroy();
  t.equal(message.server, server);
  t.equal(codeOf(message.error), 'EPROTONOSUPPORT');
  t.equal(message.callerId.address, '127.0.0.1');
});

t.test('a verdict’s duration', async (t) => {
  const { port } = await serve(t, {
    condition: () => new Promise((resolve) => setImmediate(resolve, reject())),
  });
  const told = next<VerdictMessage>(t, 'goodbyte:verdict');
  await t.rejects(connect({ port }));
  t.ok((await told).duration > 0);
});

t.test('a reset of the peer, and the data that it loses', async (t) => {
  const { caller, callee } = await connected(t, {}, { allowHalfOpen: true });
  callee.on('error', () => {});
  const reset = next<ResetMessage>(t, 'goodbyte:reset');
  const lost = next<WordLostMessage>(t, 'goodbyte:wordLost');
  const answer = callee.disconnect('a word');
  const rejected = t.rejects(answer);
  await once(caller.resume(), 'disconnect');
  caller.resetAndDestroy();
  t.match(await reset, { socket: caller, direction: 'sent' });
  const other = await next<ResetMessage>(t, 'goodbyte:reset');
  t.match(other, { socket: callee, direction: 'received' });
  t.equal(codeOf(other.error), 'ECONNRESET');
  t.equal(String((await lost).data), 'a word');
  await rejected;
});

t.test('a cut is a reset, and its error says so', async (t) => {
  const { server, port } = await serve(t);
  const relay = net.createServer((from) => {
    const to = net.connect(port, '127.0.0.1');
    from.pipe(to, { end: false });
    to.pipe(from);
    for (const half of [from, to]) half.on('error', () => {});
    server.once('connection', () => to.end());
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  t.teardown(() => relay.close());
  const reset = next<ResetMessage>(t, 'goodbyte:reset');
  const caller = await connect({
    port: (relay.address() as net.AddressInfo).port,
    host: '127.0.0.1',
  });
  caller.on('error', () => {});
  t.equal(((await reset).error as WinsockError).violation, 'cut');
  caller.destroy();
});

t.test('an answer that is too long is lost', async (t) => {
  const { server, port } = await serve(t, { answer: () => 'much too long' });
  const lost = next<WordLostMessage>(t, 'goodbyte:wordLost');
  const caller = await connect({ port, userDataLimit: 5 });
  await caller.disconnect();
  const { data, error } = await lost;
  t.equal(String(data), 'much too long');
  t.equal(codeOf(error), 'EMSGSIZE');
  t.equal(server.metrics().wordsLost, 1);
});

t.test('a graceful end is no reset', async (t) => {
  const told: unknown[] = [];
  for (const name of ['goodbyte:reset', 'goodbyte:wordLost']) {
    const listener = (message: unknown) => told.push(message);
    channel(name).subscribe(listener);
    t.teardown(() => channel(name).unsubscribe(listener));
  }
  const { server, caller } = await connected(t, { answer: () => 'reply' });
  t.equal(String(await caller.disconnect('word')), 'reply');
  server.close();
  await once(server, 'close');
  t.strictSame(told, []);
});

t.test('tracing a connect', async (t) => {
  const { server, port } = await serve(t);
  const seen = trace<ConnectTrace>(t, 'connect');
  const socket = await connect({ port, host: '127.0.0.1' });
  t.strictSame(
    seen.map(([event]) => event),
    ['start', 'end', 'asyncStart', 'asyncEnd'],
  );
  const { address, port: to, socket: traced } = seen[0]![1];
  t.strictSame([address, to], ['127.0.0.1', port]);
  t.equal(traced, socket);
  await Promise.all([socket.disconnect(), server.drain()]);

  seen.length = 0;
  await t.rejects(connect({ port, host: '127.0.0.1' }));
  t.strictSame(
    seen.map(([event]) => event),
    ['start', 'end', 'error', 'asyncStart', 'asyncEnd'],
  );
  t.equal(codeOf(seen[2]![1].error), 'ECONNREFUSED');
});

t.test('tracing a connect that is taken back', async (t) => {
  const { port } = await serve(t, { condition: () => new Promise(() => {}) });
  const seen = trace<ConnectTrace>(t, 'connect');
  const controller = new AbortController();
  const connecting = connect({ port, signal: controller.signal });
  controller.abort();
  await t.rejects(connecting);
  t.equal(seen.at(-1)![0], 'asyncEnd');
  t.equal((seen.at(-1)![1].error as Error).name, 'AbortError');
});

t.test('tracing a disconnect', async (t) => {
  const { caller } = await connected(t, { answer: () => 'so long' });
  const seen = trace<DisconnectTrace>(t, 'disconnect');
  await caller.disconnect('bye');
  t.strictSame(
    seen.map(([event]) => event),
    ['start', 'end', 'asyncStart', 'asyncEnd'],
  );
  const { data, result, socket } = seen[3]![1];
  t.strictSame([String(data), String(result)], ['bye', 'so long']);
  t.equal(socket, caller);

  seen.length = 0;
  await t.rejects(caller.disconnect('once more'));
  t.ok(seen.some(([event]) => event === 'error'));
});

t.test(
  'a traced disconnect that nobody awaits needs no listener',
  async (t) => {
    trace(t, 'disconnect');
    const { caller, callee } = await connected(t);
    caller.on('error', () => {});
    callee.on('error', () => {});
    void caller.disconnect('bye');
    callee.resetAndDestroy();
    await new Promise((resolve) => caller.once('close', resolve));
  },
);
