import {
  Decoder,
  type DecoderOptions,
} from '../../../src/provider/framed/decoder.js';
import { encodeFrameHeader } from '../../../src/provider/framed/encoder.js';
import type { Violation } from '../../../src/provider/framed/violation.js';
import { frameTypeName } from '../../../src/provider/framed/wire.js';

/** A decoder's output, in the notation of conformance/vectors/. */
export type Told =
  | { event: 'preface'; min: number; max: number }
  | { event: 'frame'; type: string; payload: string }
  | { event: 'data' | 'message'; hex: string }
  | { event: 'plain' | 'end' };

export interface Outcome {
  events: Told[];
  error: string | undefined;
}

/** A decoder with a sink that records its calls. */
export class Recording {
  readonly outcome: Outcome = { events: [], error: undefined };
  readonly decoder: Decoder;
  /** The error's message. */
  detail: string | undefined;
  /** Called after each recorded frame. */
  onframe: ((type: string) => void) | undefined;

  /** @param Made the decoder's class, possibly a wrong one. */
  constructor(options: DecoderOptions, Made = Decoder) {
    const { events } = this.outcome;
    const isMessage = options.messageLimit !== undefined;
    const add = (told: Told) => {
      if (this.outcome.error) throw new Error('reported more after an error');
      events.push(told);
    };
    this.decoder = new Made(
      {
        onPreface: (min, max) => {
          add({ event: 'preface', min, max });
        },
        onPlain: () => {
          add({ event: 'plain' });
        },
        onFrame: (type, payload) => {
          const name = frameTypeName(type);
          add({ event: 'frame', type: name, payload: hexOf(payload) });
          this.onframe?.(name);
        },
        onData: (data) => {
          const last = events.at(-1);
          if (last?.event === 'data' && !isMessage) last.hex += hexOf(data);
          else {
            add({ event: isMessage ? 'message' : 'data', hex: hexOf(data) });
          }
        },
        onViolation: (broken) => {
          if (this.outcome.error) throw new Error('reported two errors');
          this.#break(broken);
        },
      },
      options,
    );
  }

  /** FIN. */
  end(): void {
    if (this.outcome.error) return;
    const broken = this.decoder.end();
    if (broken) this.#break(broken);
    else this.outcome.events.push({ event: 'end' });
  }

  #break({ name, detail }: Violation): void {
    this.outcome.error = name;
    this.detail = detail;
  }
}

/** Decodes octets in these pieces. */
export function decodePieces(
  options: DecoderOptions,
  pieces: readonly Uint8Array[],
  fin: boolean,
  Made = Decoder,
): Outcome {
  const recording = new Recording(options, Made);
  for (const piece of pieces) recording.decoder.push(piece);
  if (fin) recording.end();
  return recording.outcome;
}

/** Splits octets at ascending places. */
export function cut(
  octets: Uint8Array,
  places: readonly number[],
): Uint8Array[] {
  const ends = [...places, octets.length];
  return ends.map((end, index) => octets.subarray(ends[index - 1] ?? 0, end));
}

export function octetByOctet(octets: Uint8Array): Uint8Array[] {
  return Array.from(octets, (octet) => Uint8Array.of(octet));
}

export function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

export function octetsOf(hex: string | readonly string[]): Buffer {
  return Buffer.from(typeof hex === 'string' ? hex : hex.join(''), 'hex');
}

export function frame(type: number, payload: Uint8Array | string = ''): Buffer {
  const octets = Buffer.from(payload as string);
  return Buffer.concat([encodeFrameHeader(type, octets.length), octets]);
}
