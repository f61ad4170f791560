import t from 'tap';
import {
  Decoder,
  type DecoderOptions,
  type DecoderSink,
} from '../../../src/provider/framed/decoder.js';
import {
  encodeFrameHeader,
  encodePreface,
} from '../../../src/provider/framed/encoder.js';
import {
  FrameType,
  MAX_FRAME_PAYLOAD,
  Role,
} from '../../../src/provider/framed/wire.js';
import { Recording, cut, frame, hexOf, octetsOf } from './decoding.js';

// Tests how a decoder is driven, and its cost. vectors.test.ts and
// segmentation.test.ts check the meaning of octets.

const callerPreface = encodePreface(Role.caller, 1, 1);
const streamFromCaller: DecoderOptions = {
  from: Role.caller,
  controlLimit: 1024,
};
const messagesFromCaller: DecoderOptions = {
  ...streamFromCaller,
  messageLimit: MAX_FRAME_PAYLOAD,
};
const silent: DecoderSink = {
  onPreface() {},
  onPlain() {},
  onFrame() {},
  onData() {},
  onViolation() {},
};

// -- memory -----------------------------------------------------------------

/** A decoder that has read CONNECT, and all the payloads that it then reports. */
function connected(options: DecoderOptions) {
  const told: Uint8Array[] = [];
  const decoder = new Decoder(
    {
      ...silent,
      onData: (data) => told.push(data),
      onFrame: (_, payload) => told.push(payload),
    },
    options,
  );
  decoder.push(callerPreface);
  decoder.push(frame(FrameType.CONNECT));
  told.length = 0;
  return { decoder, told };
}

t.test('data that is most of its memory is passed on as a view', (t) => {
  for (const { title, options, octets } of [
    {
      title: 'stream data',
      options: streamFromCaller,
      octets: frame(FrameType.DATA, 'payload'),
    },
    {
      title: 'a message',
      options: messagesFromCaller,
      octets: frame(FrameType.DATA, 'payload'),
    },
  ]) {
    const { decoder, told } = connected(options);
    const chunk = new Uint8Array(octets);
    decoder.push(chunk);
    t.equal(told.length, 1);
    t.equal(told[0]!.buffer, chunk.buffer, title);
    t.equal(told[0]!.byteOffset, 4, title);
  }
  t.end();
});

t.test('a control frame shares no memory with reported data', (t) => {
  const disconnect = frame(FrameType.DISCONNECT, 'goodbye');
  for (const { title, chunk, stays } of [
    { title: 'alone', chunk: disconnect, stays: true },
    {
      title: 'in front of another frame',
      chunk: Buffer.concat([frame(FrameType.NOTICE, 'goodbye'), disconnect]),
      stays: false,
    },
    {
      title: 'after more than itself',
      chunk: Buffer.concat([frame(FrameType.DATA, 'nine more'), disconnect]),
      stays: false,
    },
  ]) {
    const { decoder, told } = connected(streamFromCaller);
    const own = new Uint8Array(chunk);
    decoder.push(own);
    const last = told.at(-1)!;
    t.equal(Buffer.from(last).toString(), 'goodbye', title);
    t.equal(last.buffer === own.buffer, stays, title);
    t.equal(new Set(told.map(({ buffer }) => buffer)).size, told.length, title);
    t.ok(last.buffer.byteLength <= 2 * last.length, title);
  }
  t.end();
});

t.test('a chunk inside a DATA frame is passed on as it is', (t) => {
  const told: Uint8Array[] = [];
  const sink = { ...silent, onData: (data: Uint8Array) => told.push(data) };
  const decoder = new Decoder(sink, streamFromCaller);
  decoder.push(callerPreface);
  decoder.push(frame(FrameType.CONNECT));
  decoder.push(encodeFrameHeader(FrameType.DATA, MAX_FRAME_PAYLOAD));
  const chunk = Uint8Array.from(Buffer.from('a chunk'));
  decoder.push(chunk);
  t.equal(told.length, 1);
  t.equal(told[0]!.buffer, chunk.buffer);
  t.end();
});

t.test('reported octets may be transferred at once', (t) => {
  const frames = [
    callerPreface,
    frame(FrameType.CONNECT, 'who calls'),
    frame(FrameType.DATA, 'a'.repeat(70)),
    frame(FrameType.DATA, 'b'),
    frame(FrameType.DATA, 'c'.repeat(200)),
    frame(FrameType.DISCONNECT, 'that is all'),
  ];
  const octets = Buffer.concat(frames);
  const cuts = frames.map((_, index) =>
    frames.slice(0, index).reduce((sum, { length }) => sum + length, 0),
  );
  for (const options of [streamFromCaller, messagesFromCaller]) {
    for (const places of [[], cuts, cuts.map((at) => at + 3), [100], [250]]) {
      const heard: string[] = [];
      const take = (piece: Uint8Array) => {
        heard.push(Buffer.from(piece).toString());
        const buffer = piece.buffer as ArrayBuffer;
        if (buffer.byteLength > 0) structuredClone(0, { transfer: [buffer] });
      };
      const decoder = new Decoder(
        { ...silent, onData: take, onFrame: (_, payload) => take(payload) },
        options,
      );
      for (const piece of cut(octets, places)) {
        decoder.push(new Uint8Array(piece));
      }
      t.equal(
        heard.join(''),
        `who calls${'a'.repeat(70)}b${'c'.repeat(200)}that is all`,
        `cut at ${places.join()}`,
      );
    }
  }
  t.end();
});

t.test('an announced length costs no memory', (t) => {
  const kept: Decoder[] = [];
  const before = process.memoryUsage().arrayBuffers;
  for (let count = 0; count < 64; count++) {
    const decoder = new Decoder(silent, messagesFromCaller);
    decoder.push(callerPreface);
    decoder.push(frame(FrameType.CONNECT));
    decoder.push(encodeFrameHeader(FrameType.DATA, MAX_FRAME_PAYLOAD));
    decoder.push(Buffer.from('ten octets'));
    kept.push(decoder);
  }
  // Together, 64 of them have announced 1 GiB and sent 640 octets.
  const grown = process.memoryUsage().arrayBuffers - before;
  t.ok(grown < 1024 * 1024, `${grown} octets for ${kept.length} decoders`);
  t.end();
});

t.test('a chunk may be used again once push is back', (t) => {
  const recording = new Recording(messagesFromCaller);
  const octets = Buffer.concat([
    callerPreface,
    frame(FrameType.CONNECT),
    frame(FrameType.DATA, 'a message'),
  ]);
  for (const octet of octets) {
    const chunk = Uint8Array.of(octet);
    recording.decoder.push(chunk);
    chunk.fill(0);
  }
  const expected = { event: 'message', hex: hexOf(Buffer.from('a message')) };
  t.same(recording.outcome.events.at(-1), expected);
  t.end();
});

// -- hold and release -------------------------------------------------------

t.test('hold keeps later frames, release continues', (t) => {
  const recording = new Recording(streamFromCaller);
  const { decoder, outcome } = recording;
  recording.onframe = () => {
    decoder.hold();
  };
  decoder.push(
    Buffer.concat([
      callerPreface,
      frame(FrameType.CONNECT),
      frame(FrameType.DATA, 'early'),
    ]),
  );
  t.equal(outcome.events.length, 2, 'preface and CONNECT');
  t.equal(decoder.heldLength, 9);
  decoder.push(frame(FrameType.DATA, 'r')); // held as well
  t.equal(decoder.heldLength, 14);
  t.equal(decoder.end(), undefined, 'an end behind held octets is no error');

  decoder.release();
  t.equal(decoder.heldLength, 0);
  const data = hexOf(Buffer.from('earlyr'));
  t.same(outcome.events.slice(2), [{ event: 'data', hex: data }]);
  t.end();
});

t.test('release from inside the sink continues at once', (t) => {
  const recording = new Recording(streamFromCaller);
  const { decoder, outcome } = recording;
  recording.onframe = () => {
    decoder.hold();
    decoder.release();
  };
  decoder.push(
    Buffer.concat([
      callerPreface,
      frame(FrameType.CONNECT),
      frame(FrameType.DATA, 'x'),
      frame(FrameType.DISCONNECT),
    ]),
  );
  t.equal(decoder.heldLength, 0);
  t.same(
    outcome.events.map(({ event }) => event),
    ['preface', 'frame', 'data', 'frame'],
  );
  t.end();
});

t.test('held octets that are wrong are found at release', (t) => {
  const recording = new Recording(streamFromCaller);
  const { decoder, outcome } = recording;
  recording.onframe = () => {
    decoder.hold();
  };
  decoder.push(callerPreface);
  decoder.push(frame(FrameType.CONNECT));
  decoder.push(octetsOf('7f000000'));
  decoder.push(frame(FrameType.DATA, 'never told'));
  t.equal(outcome.error, undefined);
  decoder.release();
  t.equal(outcome.error, 'unknown-frame');
  t.equal(decoder.heldLength, 0);
  t.equal(outcome.events.length, 2);
  t.end();
});

// -- stop -------------------------------------------------------------------

t.test('stop drops later and held octets', (t) => {
  const recording = new Recording(streamFromCaller);
  const { decoder, outcome } = recording;
  decoder.push(callerPreface);
  decoder.hold();
  decoder.push(frame(FrameType.CONNECT));
  decoder.stop();
  t.equal(decoder.heldLength, 0);
  decoder.push(octetsOf('00'));
  decoder.hold();
  decoder.push(octetsOf('00'));
  decoder.release();
  t.equal(decoder.heldLength, 0);
  t.equal(decoder.end(), undefined);
  t.strictSame(outcome, {
    events: [{ event: 'preface', min: 1, max: 1 }],
    error: undefined,
  });
  t.end();
});

t.test('stop from inside the sink ends the chunk there', (t) => {
  for (const at of ['onPreface', 'onFrame', 'onData', 'onPlain'] as const) {
    const told: string[] = [];
    const tell = (name: keyof DecoderSink) => () => {
      told.push(name);
      if (name === at) decoder.stop();
    };
    const decoder = new Decoder(
      {
        onPreface: tell('onPreface'),
        onPlain: tell('onPlain'),
        onFrame: tell('onFrame'),
        onData: tell('onData'),
        onViolation: tell('onViolation'),
      },
      { ...streamFromCaller, allowPlain: true },
    );
    const octets =
      at === 'onPlain'
        ? [octetsOf('f647'), Buffer.from('plain')]
        : [
            callerPreface,
            frame(FrameType.CONNECT),
            frame(FrameType.DATA, 'x'),
            octetsOf('00000000'),
          ];
    decoder.push(Buffer.concat(octets));
    t.equal(told.at(-1), at);
  }
  t.end();
});

// -- messages for people --------------------------------------------------

t.test('a violation describes the input, without raw octets', (t) => {
  for (const { octets, detail } of [
    {
      octets: Buffer.from('\u001b[31mGET / HTTP/1.1'),
      detail: /began with 1b 5b 33 31 6d 47 45 54, expected f6 47 42 59 45/,
    },
    {
      octets: encodePreface(Role.callee, 1, 1),
      detail: /role 2, expected 1/,
    },
    { octets: octetsOf('f647425945010201'), detail: /versions 2 to 1/ },
    {
      octets: Buffer.concat([callerPreface, frame(FrameType.DATA)]),
      detail: /DATA came where CONNECT was expected/,
    },
    {
      octets: Buffer.concat([callerPreface, octetsOf('01000401')]),
      detail: /CONNECT says 1025 octets, at most 1024/,
    },
    {
      octets: Buffer.concat([callerPreface, octetsOf('70000000')]),
      detail: /type 0x70 must be understood/,
    },
  ]) {
    let told = '';
    const decoder = new Decoder(
      { ...silent, onViolation: (broken) => void (told = broken.detail) },
      streamFromCaller,
    );
    decoder.push(octets);
    t.match(told, detail);
    t.match(told, /^[\x20-\x7e…]+$/);
  }
  t.end();
});

t.test('a caller that receives its own octets reports an echo', (t) => {
  let told = '';
  const decoder = new Decoder(
    { ...silent, onViolation: (broken) => void (told = broken.detail) },
    { from: Role.callee, controlLimit: 1024 },
  );
  decoder.push(callerPreface);
  t.match(told, /echoes octets/);
  t.end();
});

t.test('truncation says how much is missing', (t) => {
  for (const { octets, detail } of [
    {
      octets: callerPreface.subarray(0, 3),
      detail: /after 3 octets of the preface/,
    },
    {
      octets: Buffer.concat([callerPreface, octetsOf('0100')]),
      detail: /inside a frame header/,
    },
    {
      octets: Buffer.concat([callerPreface, octetsOf('01000005aabb')]),
      detail: /inside a CONNECT frame, 3 octets before its end/,
    },
    {
      octets: Buffer.concat([callerPreface, octetsOf('80000005aabb')]),
      detail: /inside a 0x80 frame, 3 octets before its end/,
    },
  ]) {
    const decoder = new Decoder(silent, streamFromCaller);
    decoder.push(octets);
    t.match(decoder.end(), { name: 'truncated', detail });
  }
  t.end();
});

t.test('started and atBoundary follow the input', (t) => {
  const decoder = new Decoder(silent, streamFromCaller);
  t.notOk(decoder.started);
  decoder.push(callerPreface.subarray(0, 1));
  t.ok(decoder.started);
  t.notOk(decoder.atBoundary);
  decoder.push(callerPreface.subarray(1));
  t.ok(decoder.atBoundary);
  decoder.push(octetsOf('01'));
  t.notOk(decoder.atBoundary);
  decoder.push(octetsOf('000000'));
  t.ok(decoder.atBoundary);
  t.end();
});
