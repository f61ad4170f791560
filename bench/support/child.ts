import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Reply } from './asked.js';
import { NotRun } from './outcome.js';
import { TRANSPORT_VARIABLE, type Transport } from './transport.js';

/** Seconds beyond a question's known duration, after which it has hung. */
const PATIENCE = 60;

/** How a process is started. */
export interface Start {
  execPath?: string;
  execArgv: string[];
}

/** A child process that answers questions. */
export class Child {
  readonly #process: ChildProcess;
  #exit: string | undefined;

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.once('exit', (code, signal) => {
      this.#exit = `its process ended (${signal ?? code})`;
    });
  }

  /**
   * @param program the compiled file, below bench/.
   * @param build the checkout that it belongs to; this one, if absent.
   * @throws {NotRun} if its subject is not available here.
   */
  static async start(
    program: string,
    args: readonly string[],
    transport: Transport | undefined,
    start: Start = { execArgv: ['--expose-gc'] },
    build?: string,
  ): Promise<Child> {
    const folder = build
      ? path.join(build, 'dist/bench')
      : path.join(import.meta.dirname, '..');
    const child = new Child(
      fork(
        path.join(folder, program),
        [...args, ...(transport ? [transport] : [])],
        {
          ...start,
          env: { ...process.env, [TRANSPORT_VARIABLE]: transport },
        },
      ),
    );
    try {
      await child.#reply(0);
    } catch (error) {
      child.stop();
      throw error;
    }
    return child;
  }

  /** @param seconds that the question is known to take. */
  async ask<T>(name: string, argument = 0, seconds = 0): Promise<T> {
    const reply = this.#reply(seconds);
    if (this.#process.connected) this.#process.send({ name, argument });
    return (await reply) as T;
  }

  #reply(seconds: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#process.off('message', onmessage);
        this.#process.off('exit', onexit);
      };
      const onmessage = (message: Reply) => {
        settle();
        if ('result' in message) resolve(message.result);
        else if ('notRun' in message) reject(new NotRun(message.notRun));
        else reject(new Error(message.broke));
      };
      const onexit = () => {
        settle();
        reject(new Error(this.#exit));
      };
      const timer = setTimeout(
        () => {
          settle();
          reject(new Error('it has hung'));
        },
        (seconds + PATIENCE) * 1000,
      );
      this.#process.once('message', onmessage);
      if (this.#exit === undefined) this.#process.once('exit', onexit);
      else onexit();
    });
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }
}
