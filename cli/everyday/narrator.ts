import { isUtf8 } from 'node:buffer';
import { WinsockError } from '../../src/errors.js';
import type { Socket } from '../../src/socket.js';
import type { Output } from '../io.js';
import { endings, type Ending } from './ending.js';

/**
 * Reports on a connection, on stderr, so that stdout belongs to its data: a
 * sentence for each event, or with `--json` an object.
 */
export class Narrator {
  readonly #stderr: Output;
  readonly #json: boolean;
  readonly #quiet: boolean;

  constructor(stderr: Output, options: { json?: boolean; quiet?: boolean }) {
    this.#stderr = stderr;
    this.#json = options.json ?? false;
    this.#quiet = options.quiet ?? false;
  }

  /** @param about members of the JSON object, and the sentence's end. */
  say(event: string, about: Readonly<Record<string, unknown>> = {}): void {
    if (this.#quiet) return;
    const shown = Object.entries(about).flatMap(([name, value]) =>
      value === undefined
        ? []
        : [[name, value instanceof Uint8Array ? words(value) : value] as const],
    );
    if (this.#json) {
      const line = JSON.stringify({ event, ...Object.fromEntries(shown) });
      this.#stderr.write(`${line}\n`);
      return;
    }
    const rest = shown
      .map(([name, value]) => `${spaced(name)}: ${JSON.stringify(value)}`)
      .join(', ');
    this.#stderr.write(`goodbyte: ${event}${rest && `; ${rest}`}\n`);
  }

  /** The peer's notices. */
  hear(socket: Socket): void {
    socket.on('notice', (notice, code) => {
      this.say('the peer will end soon', { notice, code });
    });
  }

  /** @returns the exit code. */
  end({ how, error, lastWord, rejectData, code }: Ending): number {
    this.say(how, {
      lastWord,
      rejectData,
      code,
      error: error?.message,
      // TLS's own errors are not in the page.
      see: error instanceof WinsockError ? error.see : undefined,
    });
    return endings[how];
  }
}

/** `calleeData` becomes `callee data`. */
function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Text is shown as text, without what moves a terminal's cursor; else hex. */
function words(data: Uint8Array): string {
  if (!isUtf8(data)) return `0x${Buffer.from(data).toString('hex')}`;
  return Buffer.from(data)
    .toString()
    .replace(
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
      (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
    );
}
