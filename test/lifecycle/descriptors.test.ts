import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import type { Socket } from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { isWindows, needsUnix } from '../support/platform.js';
import { onTransports, pipeFolder, report, run } from './support/children.js';
import {
  close,
  exchange,
  host,
  serve,
  type Target,
} from './support/exchange.js';

if (isWindows) {
  t.pass('descriptors are limited', { skip: needsUnix('ulimit') });
} else {
  const CALLERS = 200;

  onTransports(t, 'a server at its limit', async (t, transport) => {
    let done: Promise<void> | undefined;
    const ended = run('limited-server', [], {
      transport,
      descriptors: 100,
      started(child) {
        done = burst(child).finally(() => child.stdin!.end());
      },
    });

    async function burst(child: ChildProcess): Promise<void> {
      const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
      const next = async <T>() =>
        JSON.parse(String((await lines.next()).value)) as T;
      const target = await next<Target>();
      const callers = await Promise.allSettled(
        Array.from({ length: CALLERS }, () => connect({ ...target })),
      );
      const open: Socket[] = [];
      const codes = new Set<unknown>();
      for (const caller of callers) {
        if (caller.status === 'fulfilled') {
          open.push(caller.value.on('error', () => {}));
        } else {
          codes.add((caller.reason as NodeJS.ErrnoException).code);
        }
      }
      child.stdin!.write('load\n');
      const { load, accepted } = await next<{
        load: number;
        accepted: number;
      }>();
      t.comment({ open: open.length, accepted, load, codes: [...codes] });
      t.ok(open.length > 20, 'some are served');
      t.ok(open.length < CALLERS, 'and not all');
      // The system closes these at once, with or without unread data.
      const expected = ['ECONNREFUSED', 'ECONNRESET'];
      t.same(
        [...codes].filter((code) => !expected.includes(String(code))),
        [],
      );
      t.ok(load < 0.5, 'it does not spin');

      const closed = open.slice(0, 10).map(async (caller) => {
        const close = once(caller, 'close');
        await caller.disconnect();
        await close;
      });
      await Promise.all(closed);
      for (let served = 0; served < 2;) {
        // The server closes its descriptors after the callers close theirs.
        try {
          await exchange(target);
          served++;
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          if (!expected.includes(String(code))) throw error;
        }
      }
      for (const caller of open) caller.destroy();
    }
    await done;
    t.match(await ended, { code: 0, signal: null });
  });

  onTransports(t, 'a caller at its limit', async (t, transport) => {
    const places: Target[] = [
      { port: 0, host },
      { path: path.join(pipeFolder(t), 'pipe') },
    ];
    for (const place of places) {
      const { server, target } = await serve(place);
      const args = [JSON.stringify(target)];
      const options = { transport, descriptors: 64 };
      t.same(await report(t, 'limited-caller', args, options), [
        'connect EMFILE WSAEMFILE',
      ]);
      await close(server);
    }
  });
}
