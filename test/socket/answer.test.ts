import { once } from 'node:events';
import net from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import type { Socket } from '../../src/index.js';
import { connected, record, serve } from '../support/serve.js';

t.test('an answer', async (t) => {
  await t.test('may take its time', async (t) => {
    const { caller, callee } = await connected(t);
    callee.answer = async (data) => {
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      return Buffer.from(`after a while: ${String(data)}`);
    };
    t.equal(String(await caller.disconnect('hurry')), 'after a while: hurry');
    t.equal(callee.allowHalfOpen, false, 'as it was before');
  });

  await t.test('may be given as an option, on both sides', async (t) => {
    const { callee } = await connected(
      t,
      {},
      { answer: () => 'from the caller' },
    );
    t.equal(String(await callee.disconnect('end')), 'from the caller');
  });

  await t.test('may come from a server option', async (t) => {
    const { caller } = await connected(t, { answer: () => 'from all' });
    t.equal(String(await caller.disconnect()), 'from all');
  });

  await t.test('goes out though a reader has destroyed us', async (t) => {
    const { caller, callee } = await connected(t);
    callee.answer = async () => {
      await nextTurn();
      await nextTurn();
      return 'not lost';
    };
    const read = (async () => {
      // The end of the loop destroys the socket, as it does with net's; a newer
      // Node leaves one alone that can still be written to.
      for await (const _ of callee);
    })();
    t.equal(String(await caller.disconnect('bye')), 'not lost');
    await read;
    // Otherwise both ends are over by then, and the socket closes by itself.
    if (!callee.destroyed) await once(callee, 'close');
    t.equal(callee.destroyed, true);
  });

  await t.test('goes out though we were destroyed meanwhile', async (t) => {
    for (const turns of [0, 1, 3]) {
      const { caller, callee } = await connected(t);
      callee.answer = async () => {
        callee.destroy();
        for (let turn = 0; turn < turns; turn++) await nextTurn();
        t.equal(callee.destroyed, true);
        return 'not lost';
      };
      t.equal(String(await caller.disconnect('bye')), 'not lost');
    }
  });

  await t.test('may write before the last word', async (t) => {
    const { caller, callee } = await connected(t);
    callee.answer = () => {
      callee.write('some more data');
      return 'end';
    };
    const seen = record(caller, 'data', 'disconnect');
    await caller.disconnect();
    t.strictSame(seen, ['data some more data', 'disconnect end']);
  });

  await t.test('is not asked for when our last word is out', async (t) => {
    const { caller, callee } = await connected(t);
    caller.answer = () => {
      t.fail('nobody asked');
    };
    callee.answer = () => 'reply';
    t.equal(String(await caller.disconnect()), 'reply');
  });

  for (const [name, answer] of [
    ['throws', () => Promise.reject(new Error('no ledger'))],
    [
      'throws at once',
      () => {
        throw new Error('no ledger');
      },
    ],
    ['is no data', () => 41 as unknown as string],
  ] as const) {
    await t.test(`that ${name} resets the connection`, async (t) => {
      const { caller, callee } = await connected(t);
      callee.answer = answer;
      const failed = once(callee, 'error');
      await t.rejects(caller.disconnect('bye'), { code: 'ECONNRESET' });
      const [error] = (await failed) as [Error];
      t.match(error.message, /no ledger|answer/);
    });
  }
});

t.test('an answer that is longer than the peer takes', async (t) => {
  const tooLong = {
    name: 'Error',
    code: 'EMSGSIZE',
    syscall: 'disconnect',
    winsock: { name: 'WSAEMSGSIZE' },
    message: /has 5000 octets, .* takes 4096/,
  };

  await t.test('is an error here, but not for the peer', async (t) => {
    const { caller, callee } = await connected(t);
    callee.answer = () => 'x'.repeat(5000);
    const seen = record(callee, 'disconnect', 'end', 'error', 'close');
    const failed = once(callee, 'error');
    const closed = new Promise((resolve) => {
      callee.once('close', resolve);
    });
    t.equal(await caller.disconnect('bye'), undefined);
    t.match(await failed, [tooLong]);
    t.equal(await closed, true, 'it says that there was an error');
    t.strictSame(seen, ['disconnect bye', 'end', 'error', 'close']);
    t.match(callee.errored, tooLong);
    if (!caller.closed) await once(caller, 'close');
    t.equal(caller.errored, null);
  });

  await t.test('loses nothing that was written before', async (t) => {
    const { caller, callee } = await connected(t);
    callee.answer = async () => {
      callee.write(Buffer.alloc(1 << 20));
      callee.write(Buffer.alloc(1 << 20));
      await nextTurn();
      return 'x'.repeat(5000);
    };
    const failed = once(callee, 'error');
    let length = 0;
    caller.on('data', (data: Buffer) => (length += data.length));
    t.equal(await caller.disconnect('bye'), undefined);
    t.equal(length, 2 << 20);
    t.match(await failed, [tooLong]);
  });

  for (const turns of [0, 2]) {
    const when = turns === 0 ? 'before' : 'after';
    await t.test(`is reported ${when} a reader's end`, async (t) => {
      const { caller, callee } = await connected(t);
      callee.answer = async () => {
        for (let turn = 0; turn < turns; turn++) await nextTurn();
        return 'x'.repeat(5000);
      };
      const told = new Promise((resolve) => {
        callee.on('error', (error: NodeJS.ErrnoException) => {
          if (error.code === 'EMSGSIZE') resolve(error);
        });
      });
      const read = (async () => {
        for await (const _ of callee);
      })();
      t.equal(await caller.disconnect('bye'), undefined);
      t.match(await told, tooLong);
      await read.catch(() => {});
    });
  }

  await t.test('belongs to a disconnect that waits', async (t) => {
    const { caller, callee } = await connected(t);
    callee.answer = () => 'x'.repeat(5000);
    callee.on('disconnect', () => {
      process.nextTick(() => void t.rejects(callee.disconnect(), tooLong));
    });
    const closed = once(callee, 'close').catch(() => {});
    await caller.disconnect('bye');
    await closed;
  });
});

t.test('towards a plain peer an answer', async (t) => {
  for (const [name, answer] of [
    ['at once', () => 'dropped'],
    [
      'later, and long',
      async () => {
        await nextTurn();
        return 'x'.repeat(5000);
      },
    ],
  ] as const) {
    await t.test(`${name} is asked for and dropped`, async (t) => {
      const asked: unknown[] = [];
      const { server, port } = await serve(t, {
        allowPlain: true,
        answer(...args) {
          asked.push(...args);
          this.write('data');
          return answer();
        },
      });
      const accepted = once(server, 'connection');
      const peer = net.connect(port, '127.0.0.1');
      t.teardown(() => peer.destroy());
      peer.end('no framing');
      const [callee] = (await accepted) as [Socket];
      t.equal(callee.framed, false);
      const seen = record(callee.resume(), 'disconnect', 'end', 'error');
      const calleeClosed = once(callee, 'close');
      let text = '';
      peer.setEncoding('utf8').on('data', (data: string) => (text += data));
      const [hadError] = (await once(peer, 'close')) as [boolean];
      t.equal(hadError, false, 'the peer sees a FIN, no reset');
      t.equal(text, 'data');
      t.strictSame(await calleeClosed, [false]);
      t.strictSame(asked, [undefined]);
      t.strictSame(seen, ['disconnect undefined', 'end']);
    });
  }
});

t.test(
  'destroyed with an error, an answer under way is not sent',
  async (t) => {
    for (const error of [undefined, new Error('no ledger')]) {
      const { caller, callee } = await connected(t, {
        answer() {
          this.destroy(error);
          return Promise.resolve('the total');
        },
      });
      callee.on('error', () => {}).resume();
      const said = caller.disconnect('the last entry');
      if (error) await t.rejects(said, { code: 'ECONNRESET' });
      else t.equal(String(await said), 'the total');
    }
  },
);

const limits: Record<string, object> = {
  lingerTimeout: { lingerTimeout: 20 },
  'a linger of 0': { linger: 0 },
};

for (const [name, options] of Object.entries(limits)) {
  t.test(`destroyed, an answer has as long as ${name}`, async (t) => {
    const { server, caller, callee } = await connected(t, {
      ...options,
      answer() {
        this.destroy();
        return new Promise(() => {});
      },
    });
    callee.resume();
    const said = caller.disconnect('the last entry', { deadline: Infinity });
    await t.rejects(said, { code: 'ECONNRESET' });
    const closed = once(server, 'close');
    server.close();
    await closed;
  });
}

t.test('an answer that comes in time ends the wait for it', async (t) => {
  const { caller, callee } = await connected(t, {
    lingerTimeout: 2 ** 30,
    async answer() {
      this.destroy();
      await nextTurn();
      return 'the total';
    },
  });
  callee.resume();
  t.equal(String(await caller.disconnect('the last entry')), 'the total');
});

for (const reason of [undefined, null, 'no ledger']) {
  t.test(`an answer that rejects with ${reason}`, async (t) => {
    const { caller, callee } = await connected(t, {
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the case
      answer: () => Promise.reject(reason),
    });
    const failed = once(callee.resume(), 'error');
    await t.rejects(caller.disconnect(), { code: 'ECONNRESET' });
    const [error] = (await failed) as [unknown];
    t.match(error, reason ?? { message: `the answer failed with ${reason}` });
  });
}
