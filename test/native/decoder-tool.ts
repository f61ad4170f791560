import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { DecoderOptions } from '../../src/provider/framed/decoder.js';
import { violationOfNumbers } from '../../src/provider/framed/native-violation.js';
import {
  FrameType,
  MAX_FRAME_PAYLOAD,
  frameTypeName,
} from '../../src/provider/framed/wire.js';
import type { Outcome, Told } from '../provider/framed/decoding.js';

/** A decoder's output, with the sentence of a violation. */
export interface Heard extends Outcome {
  detail: string | undefined;
}

const native = path.resolve(import.meta.dirname, '../../../native');

/** This machine's C++ compiler, with its first arguments. */
export function findCompiler(): string[] | undefined {
  const named = process.env['CXX']?.split(' ').filter(Boolean) ?? [];
  return [named, ['c++'], ['g++'], ['clang++']].find(
    ([program, ...args]) =>
      program !== undefined &&
      spawnSync(program, [...args, '--version']).status === 0,
  );
}

/** Compiles native/framing/decoder_tool.cc; returns the program's path. */
export function buildTool(compiler: string[], folder: string): string {
  return compileProgram(
    compiler,
    path.join(folder, 'decoder_tool'),
    [native],
    ['decoder.cc', 'decoder_tool.cc'].map((file) =>
      path.join(native, 'framing', file),
    ),
  );
}

/** Compiles a program, with the sanitizers if available; returns its path. */
export function compileProgram(
  compiler: string[],
  program: string,
  headers: readonly string[],
  sources: readonly string[],
): string {
  const compile = (sanitizers: string) =>
    spawnSync(
      compiler[0]!,
      [
        ...compiler.slice(1),
        ...'-std=c++17 -fno-exceptions -fno-rtti -O1 -g'.split(' '),
        ...'-Wall -Wextra -Wconversion -Werror'.split(' '),
        ...sanitizers.split(' ').filter(Boolean),
        ...headers.map((folder) => `-I${folder}`),
        ...sources,
        '-o',
        program,
      ],
      { encoding: 'utf8' },
    );
  // Not every compiler comes with the sanitizers' libraries.
  const sanitized = compile(
    '-fsanitize=address,undefined -fno-sanitize-recover=all',
  );
  if (sanitized.status === 0) return program;
  const plain = compile('');
  if (plain.status !== 0) throw new Error(plain.stderr);
  return program;
}

interface Numbers {
  events: Called[];
  broken: [number, number, number, number, number] | null;
}

/** The sink's calls, in decoder_tool.cc's notation. */
type Called =
  | { event: 'preface'; min: number; max: number }
  | { event: 'plain'; before: string }
  | { event: 'frame'; type: number; hex: string }
  | { event: 'start'; type: number; total: number }
  | { event: 'piece'; hex: string; last: boolean }
  | { event: 'data'; hex: string }
  | { event: 'end' };

/** A running decoder_tool. */
export class DecoderTool {
  readonly #child: ChildProcess;
  readonly #waiting: {
    resolve: (line: string) => void;
    reject: (reason: Error) => void;
  }[] = [];
  #stderr = '';
  #gone: Error | undefined;
  /** Number of cases so far. */
  cases = 0;
  /** Number of payloads reported in pieces. */
  inPieces = 0;

  constructor(program: string) {
    this.#child = spawn(program, {
      // The decoder allocates nothing, so leaks are not its own.
      env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' },
    });
    this.#child.stderr!.on('data', (text) => (this.#stderr += String(text)));
    createInterface({ input: this.#child.stdout! }).on('line', (line) =>
      this.#waiting.shift()!.resolve(line),
    );
    // A write failed because the process is gone: its end says more.
    this.#child.stdin!.on('error', () => {});
    this.#child.once('error', (error) => {
      this.#fail(error);
    });
    this.#child.once('close', (code, signal) => {
      this.#fail(new Error(`ended with ${code ?? signal}: ${this.#stderr}`));
    });
  }

  /** Ends it, and resolves when it is gone. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin!.end();
    await closed;
  }

  async decode(
    options: DecoderOptions,
    pieces: readonly Uint8Array[],
    fin: boolean,
    hold = false,
  ): Promise<Heard> {
    this.cases++;
    const line = await this.#ask(encodeCase(options, pieces, fin, hold));
    const { events, broken } = JSON.parse(line) as Numbers;
    const said = broken
      ? violationOfNumbers(...broken, options.from)
      : undefined;
    return {
      events: this.#joined(events, options.messageLimit !== undefined),
      error: said?.name,
      detail: said?.detail,
    };
  }

  #ask(octets: Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#gone) reject(this.#gone);
      else this.#waiting.push({ resolve, reject });
      this.#child.stdin!.write(octets);
    });
  }

  #fail(reason: Error): void {
    this.#gone = reason;
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
  }

  #joined(heard: Called[], isMessage: boolean): Told[] {
    const events: Told[] = [];
    const addData = (hex: string) => {
      const last = events.at(-1);
      if (last?.event === 'data') last.hex += hex;
      else events.push({ event: 'data', hex });
    };
    const addFrame = (type: number, hex: string) => {
      if (type !== FrameType.DATA) {
        const name = frameTypeName(type);
        events.push({ event: 'frame', type: name, payload: hex });
      } else if (isMessage) events.push({ event: 'message', hex });
      else throw new Error('stream data was reported as a frame');
    };
    let open: { type: number; total: number; hex: string } | undefined;
    for (const told of heard) {
      if (open && told.event !== 'piece') {
        throw new Error(`${told.event} came inside a frame`);
      }
      switch (told.event) {
        case 'preface':
        case 'end':
          events.push(told);
          break;
        case 'plain':
          events.push({ event: 'plain' });
          if (told.before) addData(told.before);
          break;
        case 'frame':
          addFrame(told.type, told.hex);
          break;
        case 'start':
          this.inPieces++;
          open = { ...told, hex: '' };
          break;
        case 'piece':
          if (!open || !told.hex) throw new Error('a piece of nothing');
          open.hex += told.hex;
          if (told.last !== (open.hex.length === 2 * open.total)) {
            throw new Error('the last piece is another one');
          }
          if (!told.last) break;
          addFrame(open.type, open.hex);
          open = undefined;
          break;
        case 'data':
          addData(told.hex);
      }
    }
    return events;
  }
}

function encodeCase(
  options: DecoderOptions,
  pieces: readonly Uint8Array[],
  fin: boolean,
  hold: boolean,
): Buffer {
  const { from, controlLimit, messageLimit, allowPlain } = options;
  const header = Buffer.alloc(14);
  header[0] = from;
  header[1] = (allowPlain ? 1 : 0) | (hold ? 2 : 0) | (fin ? 4 : 0);
  header.writeUInt32BE(controlLimit, 2);
  header.writeUInt32BE(
    // All ones stands for a stream.
    messageLimit === undefined
      ? 0xffffffff
      : Math.min(messageLimit, MAX_FRAME_PAYLOAD),
    6,
  );
  header.writeUInt32BE(pieces.length, 10);
  return Buffer.concat([
    header,
    ...pieces.flatMap((piece) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(piece.length);
      return [length, piece];
    }),
  ]);
}
