// Deliberate mistakes in the product, each of which a simulation has to find.
import { execFile } from 'node:child_process';
import { EventEmitter } from 'node:events';
import path from 'node:path';
import { Decoder } from '../../src/provider/framed/decoder.js';
import { IdleClock } from '../../src/provider/framed/idle.js';
import {
  lifecycle,
  type Cell,
  type Input,
  type State,
} from '../../src/provider/framed/lifecycle.js';
import { LingerWatch } from '../../src/provider/linger-watch.js';
import { FramedListener } from '../../src/provider/framed/listener.js';
import { Handshake } from '../../src/provider/framed/handshake/handshake.js';
import { FramedConnection } from '../../src/provider/framed/connection.js';
import { StreamTransport } from '../../src/provider/framed/stream/transport.js';
import { ReceiveQueue } from '../../src/provider/receive-queue.js';
import { say } from './say.js';
import { Socket } from '../../src/socket.js';

const table = lifecycle as Record<State, Record<Input, Cell>>;

function change(
  froms: readonly State[],
  input: Input,
  changed: Partial<Cell>,
): void {
  for (const from of froms) {
    table[from][input] = { ...table[from][input], ...changed };
  }
}

/** Replaces a method by one made from the old one. */
function wrap<T extends object, Name extends keyof T>(
  prototype: T,
  name: Name,
  wrapper: (original: T[Name]) => T[Name],
): void {
  prototype[name] = wrapper(prototype[name]);
}

/** By name: functions that make each mistake, permanently in this process. */
export const mistakes: Readonly<Record<string, () => void>> = {
  'a cut is reported as an end'() {
    change(['open'], 'lost', {
      to: 'halfClosedRemote',
      actions: ['hearLastWord'],
    });
    change(['halfClosedLocal'], 'lost', {
      to: 'ended',
      actions: ['hearLastWord'],
    });
  },
  'an idle clock continues after the end'() {
    IdleClock.prototype.stop = () => {};
  },
  'a break is not reported'() {
    // The remaining timers that are due still run.
    for (const from of ['open', 'halfClosedLocal'] as const) {
      const { actions } = table[from].lost;
      change([from], 'lost', {
        actions: actions.filter((action) => action !== 'fail'),
      });
    }
  },
  'a reset is reported as an end'() {
    change(['open'], 'resetFrame', {
      to: 'halfClosedRemote',
      actions: ['hearLastWord'],
    });
  },
  'a last word is dropped'() {
    wrap(
      FramedConnection.prototype,
      'sendDisconnect',
      (original) =>
        function (this: FramedConnection, _data, done) {
          return original.call(this, undefined, done);
        },
    );
  },
  'data is reported as sent before it is'() {
    wrap(
      StreamTransport.prototype,
      'sendData',
      (original) =>
        function (this: StreamTransport, pieces, length) {
          original.call(this, pieces, length);
          return true;
        },
    );
  },
  'a send is reported twice'() {
    wrap(
      FramedConnection.prototype,
      'send',
      (original) =>
        function (this: FramedConnection, data, done) {
          return original.call(this, data, (status) => {
            done?.(status);
            done?.(status);
          });
        },
    );
  },
  'a send is never reported'() {
    wrap(
      FramedConnection.prototype,
      'send',
      (original) =>
        function (this: FramedConnection, data) {
          return original.call(this, data, () => {});
        },
    );
  },
  'octets are lost from a full queue'() {
    wrap(
      ReceiveQueue.prototype,
      'take',
      (original) =>
        function (this: ReceiveQueue, most) {
          const piece = original.call(this, most);
          return piece.length > 400 ? piece.subarray(1) : piece;
        },
    );
  },
  'a split frame is read wrongly'() {
    wrap(
      Decoder.prototype,
      'push',
      (original) =>
        function (this: Decoder, chunk) {
          original.call(
            this,
            chunk.length === 11 ? chunk.subarray(0, 10) : chunk,
          );
        },
    );
  },
  'an end that does not read delays nobody'() {
    FramedConnection.prototype.pauseTransport = () => {};
  },
  "a handshake's timer is left"() {
    Handshake.prototype.stopTimer = () => {};
  },
  "a linger's timer is left"() {
    LingerWatch.prototype.stop = () => {};
  },
  'a close cuts off queued data'() {
    wrap(
      FramedConnection.prototype,
      'close',
      (original) =>
        function (this: FramedConnection, linger) {
          this.stream?.destroy();
          return original.call(this, linger);
        },
    );
  },
  'a handshake that fails keeps its place'() {
    FramedListener.prototype.onWithdrawn = () => {};
  },
  'an end is reported twice'() {
    Object.assign(Socket.prototype, {
      emit(this: Socket, event: string, ...args: unknown[]): boolean {
        const emit = () =>
          EventEmitter.prototype.emit.call(this, event, ...args);
        if (event === 'disconnect') emit();
        return emit();
      },
    });
  },
  'any last word is taken to be short enough'() {
    Object.defineProperty(FramedConnection.prototype, 'disconnectDataLimit', {
      get: () => 0xffff,
    });
  },
};

/** @returns whether each is found within this many steps. */
export async function checkMistakes(
  steps: number,
  seed: number,
): Promise<boolean> {
  let allFound = true;
  for (const name of Object.keys(mistakes)) {
    const { code, out } = await simulateWith(name, steps, seed);
    const found = /^VIOLATED: (.*)/m.exec(out)?.[1];
    if (code !== 1 || found === undefined) allFound = false;
    say(`${name}: ${found ?? `NOT FOUND (${code})\n${out}`}`);
  }
  return allFound;
}

function simulateWith(
  name: string,
  steps: number,
  seed: number,
): Promise<{ code: number; out: string }> {
  const args = [
    path.join(import.meta.dirname, 'main.js'),
    '--shrink',
    '0',
    '--mistake',
    name,
    '--steps',
    String(steps),
    '--seed',
    String(seed),
  ];
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), out: stdout + stderr });
    });
  });
}
