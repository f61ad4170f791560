// A documented server in a process of its own, and questions to it.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';

/** The process's answer to a question about itself. */
export interface Vitals {
  rss: number;
  /** Open descriptors; `undefined` where the system does not count them. */
  descriptors: number | undefined;
  connections: number;
}

export class Subject {
  readonly #process: ChildProcess;
  readonly port: number;
  #stderr = '';

  private constructor(child: ChildProcess, port: number) {
    this.#process = child;
    this.port = port;
    child.stderr!.on('data', (text) => {
      this.#stderr += String(text);
    });
  }

  /**
   * @param program the sample, preceded by what it takes for granted. Its `server`
   *  listens on a free port, if it does not listen already.
   */
  static async start(
    t: Test,
    program: string,
    transport: string,
  ): Promise<Subject> {
    // Inside the project, where 'goodbyte' is this package.
    const file = path.join(t.testdir(), 'sample.mjs');
    writeFileSync(file, `${program}\n${EPILOGUE}`);
    const child = fork(file, {
      env: { ...process.env, GOODBYTE_TRANSPORT: transport },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    t.teardown(() => child.kill('SIGKILL'));
    const [port] = (await once(child, 'message')) as [number];
    return new Subject(child, port);
  }

  /** Why the process ended, if it did. */
  get death(): string | undefined {
    const { exitCode, signalCode } = this.#process;
    return exitCode === null && signalCode === null
      ? undefined
      : `it ended (${signalCode ?? exitCode}): ${this.#stderr}`;
  }

  /** Its output on stderr. */
  get complaints(): string {
    return this.#stderr;
  }

  async vitals(): Promise<Vitals> {
    const reply = once(this.#process, 'message') as Promise<[Vitals]>;
    this.#process.send('vitals');
    const [vitals] = await Promise.race([reply, this.#ended()]);
    return vitals;
  }

  async #ended(): Promise<never> {
    await once(this.#process, 'exit');
    throw new Error(this.death);
  }
}

const EPILOGUE = `
import { readdirSync as goodbyteReaddir } from 'node:fs';
import { once as goodbyteOnce } from 'node:events';
if (!server.listening) server.listen(0, '127.0.0.1');
if (!server.address()) await goodbyteOnce(server, 'listening');
process.on('message', () => {
  server.getConnections((error, connections) => {
    let descriptors;
    try {
      descriptors = goodbyteReaddir('/proc/self/fd').length;
    } catch {}
    process.send({ rss: process.memoryUsage().rss, descriptors, connections });
  });
});
process.once('disconnect', () => process.exit());
process.send(server.address().port);
`;
