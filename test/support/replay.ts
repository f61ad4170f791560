// Longer than other files: a replayed case has actions, indications and expectations
// of both roles, and they share its connection.

import {
  lifecycle,
  type Cell,
  type Input,
  type State,
} from '../../src/provider/framed/lifecycle.js';
import { FramedConnection } from '../../src/provider/framed/connection.js';
import {
  FramedListener,
  type ListenerTransports,
} from '../../src/provider/framed/listener.js';
import { StreamTransport } from '../../src/provider/framed/stream/transport.js';
import type {
  FrameSink,
  TransportOptions,
} from '../../src/provider/framed/transport.js';
import { FrameType } from '../../src/provider/framed/wire.js';
import {
  defaultSocketOptions,
  type ConnectionOwner,
  type ListenerOwner,
  type Verdict,
} from '../../src/provider/provider.js';
import {
  CF_ACCEPT,
  CF_DEFER,
  CF_REJECT,
} from '../../src/vocabulary/constants.js';
import {
  WSAECONNREFUSED,
  WSAECONNRESET,
  WSAEWOULDBLOCK,
  WSATRY_AGAIN,
} from '../../src/vocabulary/error-codes.js';
import {
  controlledPair,
  type ControlledDuplex,
  type Sent,
} from './controlled-duplex.js';

/**
 * Replays a trace of the model (conformance/model) with two real sockets, over a medium
 * in memory that delivers items when the trace says so. After each step, the table's
 * inputs, the states, the status and the indications have to be the model's.
 */
export async function replay(lines: readonly string[]): Promise<void> {
  const replayed = new Replay(lines);
  const stop = recordSteps((step) => replayed.taken.push(step));
  try {
    await replayed.run();
  } finally {
    stop();
    replayed.end();
  }
}

/** A difference between the model and the sockets. */
export class Disagreement extends Error {}

interface TakenStep {
  input: Input;
  from: State;
  to: State;
}

/** Reports each cell that a socket carries out. @returns how to stop it. */
function recordSteps(told: (step: TakenStep) => void): () => void {
  const table = lifecycle as Record<State, Record<Input, Cell>>;
  const undo: (() => void)[] = [];
  for (const from of Object.keys(table) as State[]) {
    for (const input of Object.keys(table[from]) as Input[]) {
      const cell = table[from][input];
      const { to, actions, status } = cell;
      undo.push(() => {
        table[from][input] = cell;
      });
      table[from][input] = {
        ...(to && { to }),
        status,
        // Read once in each step, and nowhere else.
        get actions() {
          told({ input, from, to: to ?? from });
          return actions;
        },
      };
    }
  }
  return () => {
    for (const one of undo) one();
  };
}

/** A line of the trace: a word, the end that it is about, and its arguments. */
interface Line {
  word: string;
  end: 0 | 1;
  rest: string[];
}

/** A line that does something, and the outcome in the model. */
interface Move extends Line {
  /** Why a transport is released: `reset`, `deadline`, or an orderly end. */
  cause: string | undefined;
  steps: string[];
  state: string | undefined;
  tells: string[];
  status: number;
}

function movesOf(lines: readonly string[]): Move[] {
  const moves: Move[] = [];
  let cause: string | undefined;
  for (const line of lines) {
    const [word = '', ...rest] = line.split(' ');
    const last = moves.at(-1);
    if (word === 'run' || word === 'over') continue;
    if (word === 'cause') {
      [cause] = rest;
    } else if (word === 'now') {
      last!.state = rest[1];
    } else if (word === 'status') {
      last!.status = Number(rest[1]);
    } else if (word === 'tell') {
      last!.tells.push(rest.join(' '));
    } else {
      const end = Number(rest[0] ?? 0) as 0 | 1;
      const step = `${rest[1]?.replace(/^in_/, '')} ${rest[2]}`;
      // Closing a released end is two steps at once.
      if (word === 'step' && last?.word === 'step' && !last.state) {
        last.steps.push(step);
        continue;
      }
      moves.push({
        word,
        end,
        rest: rest.slice(1),
        cause,
        steps: word === 'step' ? [step] : [],
        state: undefined,
        tells: [],
        status: 0,
      });
      cause = undefined;
    }
  }
  return moves;
}

const frameTypes: Record<string, FrameType> = {
  connectFrame: FrameType.CONNECT,
  acceptFrame: FrameType.ACCEPT,
  rejectFrame: FrameType.REJECT,
  data: FrameType.DATA,
  disconnectFrame: FrameType.DISCONNECT,
  resetFrame: FrameType.RESET,
  CONNECT: FrameType.CONNECT,
  ACCEPT: FrameType.ACCEPT,
  REJECT: FrameType.REJECT,
  DATAFRAME: FrameType.DATA,
  DISCONNECT: FrameType.DISCONNECT,
  RESET: FrameType.RESET,
};

/** Neither a frame nor a preface. */
const GARBAGE = Buffer.from('3f000000', 'hex');
const WORDS = ['the caller’s last word', 'the callee’s last word'];
const MIN_VERSION_AT = 6;

const options = {
  ...defaultSocketOptions,
  connectTimeout: 0,
  handshakeTimeout: 0,
  deferTimeout: 0,
};

class End implements ConnectionOwner, ListenerOwner {
  readonly stream: ControlledDuplex;
  socket: FramedConnection | undefined;
  transport: StreamTransport | undefined;
  /** Indications since the last move. */
  told: string[] = [];
  readonly #index: number;

  constructor(index: number, stream: ControlledDuplex) {
    this.#index = index;
    this.stream = stream;
  }

  // The model has Winsock's names for them.

  onConnected(): void {
    this.tell('FD_CONNECT 0');
  }

  onConnectFailed(): void {
    this.tell('FD_CONNECT 1');
  }

  onRequest(): void {
    this.tell('FD_ACCEPT 0');
  }

  onClosed(status: number): void {
    const isFailure = status === 0 ? 0 : 1;
    this.tell(`FD_CLOSE ${isFailure} ${this.#wordHeard(status)}`);
  }

  onReadable(): void {}
  onWritable(): void {}
  onNotice(): void {}
  onHandshakeFailure(): void {}
  onListenError(): void {}

  onReleased(): void {
    this.tell('released 0');
  }

  tell(what: string): void {
    this.told.push(`${this.#index} ${what}`);
  }

  /** In the model's terms: 0 no last word, 1 one without data, 2 one with data. */
  #wordHeard(status: number): number {
    const heard = this.socket!.inbox.receiveDisconnect(65_535);
    if (status !== 0) return 0;
    if (heard === undefined) return 1;
    const expected = WORDS[1 - this.#index];
    return heard instanceof Uint8Array && String(heard) === expected ? 2 : -1;
  }
}

class Replay {
  readonly taken: TakenStep[] = [];
  readonly #moves: Move[];
  readonly #ends: readonly [End, End];
  readonly #listener: FramedListener;
  /** Waiting reads, since what follows must happen in the same tick. */
  readonly #reading = [false, false];

  constructor(lines: readonly string[]) {
    this.#moves = movesOf(lines);
    const streams = controlledPair();
    this.#ends = [new End(0, streams[0]), new End(1, streams[1])];
    const run = lines.find((line) => line.startsWith('run '))!.split(' ');
    if (run[2] === '1') {
      for (const stream of streams) {
        stream.preface = (octets) => {
          const changed = Buffer.from(octets);
          changed.fill(9, MIN_VERSION_AT);
          return changed;
        };
      }
    }
    const isFull = this.#moves.some(({ word }) => word === 'overLimit');
    const transports = this.#transports();
    this.#ends[0].socket = new FramedConnection(options, transports.dial);
    this.#ends[0].socket.owner = this.#ends[0];
    this.#listener = new FramedListener(
      { ...options, ...(isFull && { maxPending: 0 }) },
      transports,
    );
    this.#listener.owner = this.#ends[1];
  }

  #transports(): ListenerTransports {
    const make = (
      end: End,
      sink: FrameSink,
      given: TransportOptions,
      event?: 'connect',
    ): StreamTransport => {
      end.transport = new StreamTransport(end.stream, sink, given, event);
      return end.transport;
    };
    return {
      dial: (_target, sink, given) =>
        make(this.#ends[0], sink, given, 'connect'),
      createServer: () => {
        throw new Error('nothing listens here');
      },
      createAdopter: (listener) => ({
        adopt: () => {
          listener.onConnection((sink, given) => {
            const callee = this.#ends[1];
            callee.socket = sink as FramedConnection;
            callee.socket.owner = callee;
            return make(callee, sink, given);
          });
        },
        close: () => {},
      }),
    };
  }

  async run(): Promise<void> {
    for (const [index, move] of this.#moves.entries()) {
      try {
        await this.#carryOut(move, index);
      } catch (error) {
        throw new Disagreement(
          `move ${index + 1}, "${move.word} ${move.end} ${move.rest.join(' ')}": ` +
            (error as Error).message,
          { cause: error },
        );
      }
    }
  }

  /** Cleans up, wherever it stopped. */
  end(): void {
    for (const { stream, socket } of this.#ends) {
      socket?.close(0);
      stream.destroy();
      stream.letGo();
    }
    this.#listener.close();
  }

  async #carryOut(move: Move, index: number): Promise<void> {
    const { word, end } = move;
    if (word === 'read') {
      // The read's events must come in this tick, or they are too late; it waits for
      // this end's next move.
      const next = this.#moves
        .slice(index + 1)
        .find((other) => other.end === end && other.word !== 'garbage');
      if (next?.word === 'soon' || next?.steps[0]?.startsWith('close ')) {
        this.#reading[end] = true;
        return;
      }
      this.#read(end);
    } else {
      if (this.#reading[end] && (word === 'soon' || word === 'step')) {
        this.#reading[end] = false;
        this.#read(end);
      }
      same('status', this.#perform(move), move.status);
    }
    await settled();
    const ends = this.#ends.map((one) => one.told.splice(0));
    same('told', ends.flat().join(', '), move.tells.join(', '));
    const taken = this.taken.splice(0);
    same(
      'inputs',
      taken.map(({ input, from }) => `${input} ${from}`).join(', '),
      move.steps.join(', '),
    );
    if (move.state !== undefined) same('state', taken.at(-1)!.to, move.state);
  }

  #read(end: number): void {
    const octets = this.#ends[end]!.socket!.inbox.receive(1);
    if (typeof octets === 'number') {
      throw new Error(`nothing to read: ${octets}`);
    }
  }

  /** @returns the status of a call, else 0. */
  #perform(move: Move): number {
    const end = this.#ends[move.end];
    switch (move.word) {
      case 'soon':
      case 'netReset':
        return 0;
      case 'answer':
      case 'overLimit':
        same('adopt', this.#listener.adopt(end.stream), 0);
        if (move.word === 'overLimit') letGo(end);
        return 0;
      case 'defer':
        same('WSAAccept', this.#accept({ verdict: CF_DEFER }), WSATRY_AGAIN);
        return 0;
      case 'departed':
        same('WSAAccept', this.#accept({ verdict: CF_ACCEPT }), WSAECONNRESET);
        return 0;
      case 'drop':
        expectItem(end.stream.arrive(), move.rest[0]!);
        return 0;
      case 'gone':
        letGo(end);
        return 0;
      case 'cut':
        end.stream.break();
        return 0;
      case 'deadline':
        end.transport!.cut();
        letGo(end);
        return 0;
      case 'garbage':
        end.stream.sent.push(GARBAGE);
        return 0;
      case 'step':
        return this.#input(end, move);
      default:
        throw new Error('no such word');
    }
  }

  #accept(verdict: Verdict): number | FramedConnection {
    return this.#listener.accept(() => verdict);
  }

  #input(end: End, { rest, cause, status }: Move): number {
    const input = rest[0]!.replace(/^in_/, '') as Input;
    const from = rest[1] as State;
    const socket = end.socket!;
    switch (input) {
      case 'connect': {
        const code = socket.connect({ port: 1 }, { calleeDataLimit: 4096 });
        return code === WSAEWOULDBLOCK ? 0 : code;
      }
      case 'accept':
        if (from !== 'offered') {
          return socket.decide({ verdict: CF_ACCEPT }, true);
        }
        same('accept', this.#accept({ verdict: CF_ACCEPT }), socket);
        return 0;
      case 'reject':
        if (from !== 'offered') {
          return socket.decide({ verdict: CF_REJECT }, false);
        }
        same('accept', this.#accept({ verdict: CF_REJECT }), WSAECONNREFUSED);
        return 0;
      case 'send':
        return socket.send(Buffer.from('x'));
      case 'disconnect':
        return socket.sendDisconnect(undefined);
      case 'disconnectWithData':
        return socket.sendDisconnect(
          Buffer.from(WORDS[this.#ends.indexOf(end)]!),
        );
      case 'shutdown':
        return socket.shutdownSend();
      case 'close':
        if (!['waiting', 'greeted', 'offered'].includes(from)) {
          return socket.close();
        }
        this.#listener.close();
        return 0;
      case 'abort':
        return socket.close(0);
      case 'dialed':
        end.stream.emit('connect');
        return status;
      case 'lost':
        end.stream.break();
        return status;
      case 'timeout':
        socket.onTimeout();
        return status;
      case 'released':
        if (cause === 'reset') end.stream.break();
        else {
          if (cause === 'deadline') end.transport!.cut();
          letGo(end);
        }
        return status;
      default:
        expectItem(end.stream.arrive(), input);
        return status;
    }
  }
}

function letGo({ stream }: End): void {
  if (!stream.letGo()) throw new Error('the transport has not let go');
}

function expectItem(item: Sent | undefined, expected: string): void {
  if (item === undefined) throw new Error(`nothing came, not ${expected}`);
  if (expected === 'end' || expected === 'FIN') {
    same('what came', item, 'fin');
  } else if (Object.hasOwn(frameTypes, expected)) {
    same('type', item[0], frameTypes[expected]);
  }
}

function same(what: string, ours: unknown, models: unknown): void {
  if (ours === models) return;
  throw new Error(
    `${what}: the socket's is "${String(ours)}", the model's "${String(models)}"`,
  );
}

/** Resolves when everything that follows by itself has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise(setImmediate);
  }
}
