// One simulated life: a server, some connections to it one after another or at once, and
// everything that may happen to them, as choices decide.
//
// Longer than other files: a method for each thing that may happen, and they share one
// world.
import { getDefaultHighWaterMark } from 'node:stream';
import {
  accept,
  createServer,
  reject,
  Socket,
  type Server,
} from '../../src/index.js';
import type { ConditionRequest } from '../../src/server/condition.js';
import { defaultSocketOptions } from '../../src/provider/provider.js';
import { judge } from '../../bench/soak/judge.js';
import type { Choices } from './choices.js';
import { Clock } from './clock.js';
import { simulatedPair, type End } from './medium.js';
import { Party, Planted } from './party.js';

/** A violation, found at once or at the end. */
export class Violated extends Error {}

type Verdict = 'accept' | 'reject' | 'throw';

/** Gives a caller its verdict. */
type Decide = (how: Verdict) => void;

interface Connection {
  id: number;
  ends: [End, End];
  caller: Party;
  callee: Party | undefined;
  /** The callee's verdict, or one side's leaving, makes the connect fail. */
  mayRefuse: boolean;
  isConnected: boolean;
}

type Action = [name: string, weight: number, run: () => void];

const SIZES = [0, 1, 7, 100, 3000, 20_000, 150_000];
const PIECES = [65_536, 1, 3, 11, 500];
const LONGEST_PIECE = Math.max(...PIECES);
/**
 * The most unread octets that a side may hold: the stream, the inbox and the
 * Socket each take a piece more when they are all but full.
 */
const MOST_HELD =
  defaultSocketOptions.receiveBuffer +
  2 * getDefaultHighWaterMark(false) +
  3 * LONGEST_PIECE +
  4096;
const MOST_CONNECTIONS = 3;
/** Turns that an end may take without faults. */
const PATIENCE = 20_000;

export class World {
  readonly clock = new Clock();
  readonly trace: string[] = [];
  steps = 0;
  readonly #choices: Choices;
  readonly #server: Server;
  readonly #connections: Connection[] = [];
  readonly #pending: Decide[] = [];
  /** Nothing breaks and no time passes, so nothing may be lost. */
  readonly #isFaultless: boolean;
  readonly #isTcp: boolean;
  readonly #capacity: number;
  /** Options of each side. */
  readonly #idleTimeouts: readonly number[];
  /** Sizes of writes, small if the medium takes them octet by octet. */
  readonly #sizes: readonly number[];
  readonly #mode: 'none' | 'accept' | 'reject' | 'later' | 'throw';
  #violation: string | undefined;
  #serverClosed = 0;
  #uncaught: ((error: unknown) => void) | undefined;

  constructor(choices: Choices) {
    this.#choices = choices;
    this.#isFaultless = !choices.oneIn(2);
    this.#isTcp = choices.oneIn(2);
    this.#capacity = choices.of([65_536, 16, 300, 4096]);
    this.#sizes = SIZES.filter((size) => size < 200 * this.#capacity);
    this.#mode = choices.of([
      'none',
      'accept',
      'later',
      'later',
      'reject',
      'throw',
    ]);
    const highWaterMark = choices.of([undefined, 1, 1000]);
    this.#idleTimeouts = choices.of([[0], [0, 1000], [1000], [1000, 7000]]);
    this.#server = createServer({
      ...(highWaterMark === undefined ? {} : { highWaterMark }),
      allowHalfOpen: choices.oneIn(2),
      idleTimeout: choices.of(this.#idleTimeouts),
      ...(this.#mode === 'none'
        ? {}
        : { condition: (request: ConditionRequest) => this.#decide(request) }),
    });
    this.#server.on('connection', (socket) => this.#onConnection(socket));
    this.#server.on('conditionError', () => {});
    this.#server.on('close', () => this.#serverClosed++);
  }

  // -- one life -------------------------------------------------------------

  /** @throws {Violated} */
  async live(most: number): Promise<void> {
    this.#watch();
    this.clock.install();
    try {
      this.#open();
      await this.clock.turn();
      const length = 10 + this.#choices.below(most);
      for (let step = 0; step < length; step++) await this.#step();
      await this.#end();
      this.#check();
    } finally {
      this.clock.uninstall();
      this.#unwatch();
    }
  }

  #watch(): void {
    this.#uncaught = (error) => {
      if (!(error instanceof Planted)) {
        const { stack } = error as Error;
        this.#violate(`uncaught: ${stack}`);
      }
    };
    process.on('uncaughtException', this.#uncaught);
    process.on('unhandledRejection', this.#uncaught);
  }

  #unwatch(): void {
    process.off('uncaughtException', this.#uncaught!);
    process.off('unhandledRejection', this.#uncaught!);
  }

  #violate(what: string): void {
    this.#violation ??= what;
  }

  /** A choice that the trace mentions. */
  #pick(values: readonly number[]): number {
    const value = this.#choices.of(values);
    this.trace.push(`${this.trace.pop()} ${value}`);
    return value;
  }

  async #step(): Promise<void> {
    const actions = this.#actions();
    const sum = actions.reduce((total, [, weight]) => total + weight, 0);
    if (sum === 0) return;
    let at = this.#choices.below(sum);
    const action = actions.find(([, weight]) => (at -= weight) < 0)!;
    await this.#run(action);
  }

  async #run([name, , run]: Action): Promise<void> {
    this.steps++;
    this.trace.push(name);
    run();
    await this.clock.turn();
    this.#checkStep();
    if (this.#violation !== undefined) throw new Violated(this.#violation);
  }

  // -- what may happen ------------------------------------------------------

  #actions(): Action[] {
    const actions = this.#mediumActions();
    for (const connection of this.#connections) {
      for (const party of [connection.caller, connection.callee]) {
        if (party && !party.isOver && !party.socket.destroyed) {
          this.#addCalls(actions, connection, party);
        }
      }
      if (!this.#isFaultless) this.#addFaults(actions, connection);
    }
    for (const [index, decide] of this.#pending.entries()) {
      const verdict = (how: Verdict) => () => {
        this.#pending.splice(index, 1);
        decide(how);
      };
      actions.push([`verdict: accept`, 3, verdict('accept')]);
      actions.push([`verdict: reject`, 1, verdict('reject')]);
      actions.push([`verdict: throw`, 1, verdict('throw')]);
    }
    if (this.#connections.length < MOST_CONNECTIONS) {
      actions.push(['connect another', 1, () => this.#open()]);
    }
    return actions;
  }

  #mediumActions(): Action[] {
    const actions: Action[] = [];
    for (const { id, ends } of this.#connections) {
      for (const [index, end] of ends.entries()) {
        const name = `${id}.${index === 0 ? 'caller' : 'callee'}`;
        if (end.out.canTake && !end.isGone) {
          actions.push([
            `${name}: the medium takes`,
            20,
            () => end.take(this.#pick(PIECES)),
          ]);
        }
        if (end.in.canDeliver) {
          actions.push([
            `${name}: octets arrive`,
            20,
            () => end.in.deliver(this.#pick(PIECES)),
          ]);
        }
      }
    }
    return actions;
  }

  #addCalls(actions: Action[], connection: Connection, party: Party): void {
    const { socket, name } = party;
    const add = (what: string, weight: number, run: () => void) => {
      actions.push([`${name}: ${what}`, weight, run]);
    };
    const length = () => this.#pick([20, 0, 1, 4000]);
    if (party === connection.caller && !connection.isConnected) {
      if (!this.#isFaultless) {
        add('leaves before the verdict', 1, () => {
          connection.mayRefuse = true;
          party.destroy();
        });
      }
      return;
    }
    if (party.canWrite && party.answering.length === 0) {
      add('writes', 6, () => party.write(this.#pick(this.#sizes)));
      add('writes twice, corked', 1, () => {
        socket.cork();
        party.write(this.#pick(this.#sizes));
        party.write(this.#pick(this.#sizes));
        socket.uncork();
      });
      add('disconnects', 1, () => party.disconnect(length()));
      add('disconnects in vain', 1, () => party.disconnectInVain());
      add('ends', 1, () => party.endWithoutWord());
      if (!socket.answer)
        add('sets an answer', 1, () => party.setAnswer(length()));
      if (!this.#isFaultless) {
        add('disconnects, with a signal', 1, () =>
          party.disconnectUntilAborted(length()),
        );
        add('disconnects, with a deadline', 1, () => {
          party.disconnect(length(), { deadline: 1000 });
        });
        add('writes, disconnects and is destroyed', 1, () => {
          party.write(this.#pick(this.#sizes));
          party.disconnect(length());
          party.mayFail();
          party.destroy();
        });
      }
    } else if (socket.writableEnded && party.hasEnded) {
      add('disconnects again, in vain', 1, () => party.disconnectInVain());
    }
    for (const answer of party.answering.splice(0, 1)) {
      // It is removed only when it is chosen.
      party.answering.unshift(answer);
      const give = (how: 'give' | 'fail') => () => {
        party.answering.shift();
        answer(how);
      };
      add('answers', 4, give('give'));
      if (!this.#isFaultless) add('fails to answer', 1, give('fail'));
    }
    if (socket.isPaused()) add('resumes', 3, () => socket.resume());
    else add('pauses', 2, () => socket.pause());
    add('is to throw in a listener', 1, () => party.throwOnce());
    if (this.#isFaultless) return;
    add('is destroyed', 1, () => party.destroy());
    add('resets', 1, () => party.abort());
    if (party.canAbort) add('aborts its signal', 2, () => party.abortSignal());
  }

  #addFaults(actions: Action[], connection: Connection): void {
    const { id, ends } = connection;
    if (ends.every(({ isGone }) => isGone)) return;
    actions.push([
      `${id}: the medium breaks`,
      1,
      () => this.#break(connection),
    ]);
    if (this.clock.pending > 0) {
      actions.push([
        'time passes',
        1,
        () => {
          for (const one of this.#connections) {
            one.mayRefuse = true;
            one.caller.isCut();
            one.callee?.isCut();
          }
          this.clock.advance();
        },
      ]);
    }
  }

  #break(connection: Connection): void {
    connection.mayRefuse = true;
    connection.caller.isCut();
    connection.callee?.isCut();
    for (const end of connection.ends) {
      if (!end.isGone) end.break('ECONNRESET');
    }
  }

  // -- connections ----------------------------------------------------------

  #open(): void {
    const id = this.#connections.length;
    const ends = simulatedPair(this.#capacity, this.#isTcp);
    // The last party's socket, if done, may make its next connection.
    const old = this.#connections.at(-1)?.caller;
    const socket =
      old?.isClosed && this.#choices.oneIn(2)
        ? old.retire()
        : new Socket({
            allowHalfOpen: this.#choices.oneIn(2),
            idleTimeout: this.#choices.of(this.#idleTimeouts),
          });
    this.#server.adopt(ends[1].stream);
    const isRefused = this.#mode === 'reject' || this.#mode === 'throw';
    const caller = new Party(
      `${id}.caller`,
      socket,
      ends[0],
      this.#choices,
      (what) => this.#violate(what),
    );
    const connection: Connection = {
      id,
      ends,
      caller,
      callee: undefined,
      mayRefuse: isRefused,
      isConnected: false,
    };
    this.#connections.push(connection);
    socket.once('connect', () => {
      connection.isConnected = true;
    });
    socket.connect({ stream: ends[0].stream, callerData: `caller ${id}` });
  }

  #onConnection(socket: Socket): void {
    const id = Number(String(socket.callerData).split(' ')[1]);
    const connection = this.#connections[id]!;
    if (connection.callee) this.#violate(`${id}: accepted twice`);
    const callee = new Party(
      `${id}.callee`,
      socket,
      connection.ends[1],
      this.#choices,
      (what) => this.#violate(what),
    );
    connection.callee = callee;
    if (connection.caller.account.aborted) callee.isCut();
    if (this.#choices.oneIn(4)) socket.pause();
    // A listener that throws is a fault.
    if (this.#isFaultless || !this.#choices.oneIn(6)) return;
    // The socket then has no owner, and the server resets it.
    callee.isCut();
    callee.account.left = true;
    connection.mayRefuse = true;
    throw new Planted();
  }

  #decide(request: ConditionRequest) {
    const id = Number(String(request.callerData).split(' ')[1]);
    const outcome = (how: Verdict) => {
      if (how === 'accept') return accept({ calleeData: 'callee' });
      this.#connections[id]!.mayRefuse = true;
      if (how === 'throw') throw new Planted();
      return reject('no');
    };
    if (this.#mode !== 'later') {
      return outcome(this.#mode === 'none' ? 'accept' : this.#mode);
    }
    return new Promise<ReturnType<typeof outcome>>((resolve, refuse) => {
      this.#pending.push((how) => {
        try {
          resolve(outcome(how));
        } catch (error) {
          refuse(error);
        }
      });
    });
  }

  // -- the end --------------------------------------------------------------

  /** Now only idle connections break, and every party comes to its end. */
  async #end(): Promise<void> {
    this.trace.push('-- from here on all comes to its end');
    for (let turn = 0; turn < PATIENCE; turn++) {
      const moves = this.#mediumActions();
      if (moves.length > 0) {
        await this.#run(moves[0]!);
        continue;
      }
      const idle = this.#breakOfIdle();
      if (idle) {
        await this.#run(idle);
        continue;
      }
      const last = this.#lastCall();
      if (last) await this.#run(last);
      else if (this.clock.pending > 0 && !this.#isFaultless) {
        await this.#run(['time passes', 1, () => this.clock.advance()]);
      } else return;
    }
    throw new Violated('it comes to no end');
  }

  /** Once: breaks a connection while no call is under way that would report it. */
  #breakOfIdle(): Action | undefined {
    if (this.#isFaultless || this.#isEnding) return undefined;
    this.#isEnding = true;
    if (!this.#choices.oneIn(3)) return undefined;
    return [
      'all media break',
      1,
      () => {
        for (const connection of this.#connections) this.#break(connection);
      },
    ];
  }
  #isEnding = false;

  /** The remaining actions before the end, one at a time. */
  #lastCall(): Action | undefined {
    const pending = this.#pending.shift();
    if (pending) return ['verdict: accept', 1, () => pending('accept')];
    for (const { caller, callee, isConnected } of this.#connections) {
      for (const party of [caller, callee]) {
        // A party that has closed meanwhile still makes its answer.
        const answer = party?.answering.shift();
        if (answer) return [`${party!.name}: answers`, 1, () => answer('give')];
        if (!party || party.isOver || party.socket.destroyed) continue;
        if (party === caller && !isConnected) continue;
        const { socket, name } = party;
        if (socket.isPaused())
          return [`${name}: resumes`, 1, () => socket.resume()];
        const { graceful, error } = party.account;
        if (party.end.isGone && !graceful && !error) {
          this.#violate(
            `${name}: its medium is gone, and this is not reported`,
          );
        }
        if (!party.hasEnded && party.canWrite && !socket.answer) {
          return [`${name}: disconnects`, 1, () => party.disconnect(20)];
        }
      }
    }
    // Two answers wait for each other, or one was set too late.
    for (const { caller, callee, isConnected } of this.#connections) {
      for (const party of [caller, callee]) {
        if (!party || party.isOver || party.socket.destroyed) continue;
        if (party === caller && !isConnected) continue;
        if (!party.hasEnded && party.canWrite) {
          return [`${party.name}: disconnects`, 1, () => party.disconnect(20)];
        }
      }
    }
    if (this.#server.listening || this.#serverClosed > 0) return undefined;
    if (this.#isClosing) return undefined;
    this.#isClosing = true;
    return [
      'the server closes',
      1,
      () => {
        const { pending, deferred } = this.#server.statistics!;
        if (pending + deferred > 0) {
          this.#violate(
            `${pending} handshakes and ${deferred} requests are left`,
          );
        }
        this.#server.close();
      },
    ];
  }
  #isClosing = false;

  // -- invariants -----------------------------------------------------------

  /** Checks the rules that hold at all times. */
  #checkStep(): void {
    for (const { caller, callee } of this.#connections) {
      for (const party of [caller, callee]) {
        if (!party) continue;
        const { account, end, name } = party;
        if (account.calledTwice)
          this.#violate(`${name}: a write was called back twice`);
        if (account.garbled)
          this.#violate(`${name}: other octets than were written`);
        if (account.behindEnd)
          this.#violate(`${name}: something behind the end`);
        if (account.closed > 1) this.#violate(`${name}: closed twice`);
        const held = end.pushed - account.octets;
        if (!account.left && held > MOST_HELD + this.#overhead(end)) {
          this.#violate(`${name}: holds ${held} octets`);
        }
      }
    }
  }

  /** Octets of frames other than data. */
  #overhead(end: End): number {
    return end.pushed - Math.min(end.pushed, end.in.tap.payload);
  }

  /** Checks the rules that hold when everything is over. */
  #check(): void {
    if (this.#violation !== undefined) throw new Violated(this.#violation);
    for (const { caller, callee, mayRefuse, isConnected, id } of this
      .#connections) {
      if (callee && isConnected) {
        const finding = judge(caller.account, callee.account);
        if ('what' in finding)
          throw new Violated(`${id}: ${finding.kind}: ${finding.what}`);
      } else if (!mayRefuse && !callee?.account.mayReset) {
        throw new Violated(
          `${id}: its connect failed: ${String(caller.account.error)}`,
        );
      }
      for (const party of [caller, callee]) {
        const left = party?.leftovers();
        if (left !== undefined)
          throw new Violated(`${party!.name}: left is ${left}`);
      }
    }
    if (this.clock.pending > 0) {
      throw new Violated(`left are ${this.clock.pending} timers`);
    }
    if (this.#serverClosed !== 1) {
      throw new Violated(
        `the server reported its close ${this.#serverClosed} times`,
      );
    }
  }
}
