import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { encodePreface } from '../../src/provider/framed/encoder.js';
import { encodeFields } from '../../src/provider/framed/fields.js';
import { FrameType, Role } from '../../src/provider/framed/wire.js';
import {
  acceptFrame,
  call,
  calleePreface,
  callerPreface,
  connectFrame,
  frame,
} from '../support/wire.js';
import { writeCapture, type Segment } from './capture.js';

// Runs the dissector of tools/wireshark in tshark, on captures made from the vectors, and
// compares its report on each with the vector.

const root = resolve(import.meta.dirname, '../../..');
const script = join(root, 'tools/wireshark/goodbyte.lua');
const PORT = 4711;

interface Vector {
  id: string;
  from?: 'caller' | 'callee';
  mode?: string;
  frame?: keyof typeof FrameType;
  limits?: { userData: number; message?: number };
  caller?: [number, number];
  hex: string | string[];
  fin?: true;
  allowPlain?: true;
  error?: string;
}

function vectors(kind: string): Vector[] {
  const folder = join(root, 'conformance/vectors');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json') && !file.includes('schema'))
    .map(
      (file) =>
        JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
          kind: string;
          cases: Vector[];
        },
    )
    .filter((file) => file.kind === kind)
    .flatMap(({ cases }) => cases);
}

const octetsOf = ({ hex }: Vector) =>
  Buffer.from(typeof hex === 'string' ? hex : hex.join(''), 'hex');

/** The other side's frames: in a capture, LIMITS states its limits. */
function opposite({ from, mode, limits }: Vector): Segment {
  const taken = {
    limits: {
      handshakeData: limits?.userData ?? 4096,
      disconnectData: limits?.userData ?? 4096,
      message: limits?.message ?? 1024 * 1024,
    },
  };
  return from === 'caller'
    ? {
        from: 'callee',
        octets: Buffer.concat([calleePreface, acceptFrame(taken)]),
      }
    : {
        from: 'caller',
        octets: call({ ...taken, socketType: mode === 'message' ? 5 : 1 }),
      };
}

function ofDirection(vector: Vector): Segment[] {
  const { from = 'caller', fin = false } = vector;
  return [opposite(vector), { from, octets: octetsOf(vector), fin }];
}

function ofFields(vector: Vector): Segment[] {
  const { from = 'caller', frame: name = 'CONNECT' } = vector;
  const first = from === 'caller' ? callerPreface : calleePreface;
  const opening = from === 'caller' ? connectFrame() : acceptFrame();
  const isFirst = ['CONNECT', 'ACCEPT', 'REJECT'].includes(name);
  const octets = Buffer.concat([
    first,
    ...(isFirst ? [] : [opening]),
    frame(FrameType[name], octetsOf(vector)),
  ]);
  return [opposite(vector), { from, octets }];
}

function ofVersions(vector: Vector): Segment[] {
  const [low, high] = vector.caller!;
  return [
    { from: 'caller', octets: encodePreface(Role.caller, low, high) },
    { from: 'callee', octets: octetsOf(vector) },
  ];
}

/** A capture cannot show that a side accepts plain peers, or that it sent nothing. */
const isShown = ({ allowPlain, hex }: Vector) =>
  allowPlain !== true && hex.length > 0;

interface Packet {
  _source: { layers: Record<string, string[] | undefined> };
}

function tshark(file: string, args: readonly string[]): string {
  const { stdout, stderr, status, error } = spawnSync(
    'tshark',
    ['-X', `lua_script:${script}`, '-r', file, ...args],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (status !== 0) throw error ?? new Error(stderr);
  return stdout;
}

const skip =
  spawnSync('tshark', ['--version']).status === 0
    ? false
    : 'there is no tshark: apt-get install tshark';

t.test('names every violation of the vectors', { skip }, (t) => {
  const shown = [
    ...vectors('direction').filter(isShown).map(asConnection(ofDirection)),
    ...vectors('fields').map(asConnection(ofFields)),
    ...vectors('versions').map(asConnection(ofVersions)),
  ];
  const file = join(t.testdir({}), 'vectors.pcap');
  writeCapture(
    file,
    shown.map(({ segments }) => segments),
    PORT,
  );
  const packets = JSON.parse(
    tshark(
      file,
      [
        '-d',
        `tcp.port==${PORT},goodbyte`,
        '-Y',
        'goodbyte',
        '-T',
        'json',
      ].concat(['-e', 'tcp.stream', '-e', 'goodbyte.violation']),
    ),
  ) as Packet[];
  const named = new Map<number, string>();
  for (const { _source } of packets) {
    const { 'tcp.stream': stream, 'goodbyte.violation': violation } =
      _source.layers;
    if (violation) named.set(Number(stream![0]), violation.join());
  }
  t.ok(shown.length > 150, 'there are vectors');
  for (const [index, { vector }] of shown.entries()) {
    t.equal(named.get(index), vector.error, vector.id);
  }
  t.end();
});

function asConnection(segmentsOf: (vector: Vector) => Segment[]) {
  return (vector: Vector) => ({ vector, segments: segmentsOf(vector) });
}

t.test('names the eight steps in words, on any port', { skip }, (t) => {
  const [caller, callee] = ['eight-steps-caller', 'eight-steps-callee'].map(
    (id) => vectors('direction').find((vector) => vector.id === id)!.hex,
  ) as [string[], string[]];
  const cut = (from: Segment['from'], hex: string[], fin = false): Segment => ({
    from,
    octets: Buffer.from(hex.join(''), 'hex'),
    fin,
  });
  const [, connect = ''] = caller;
  const file = join(t.testdir({}), 'eight-steps.pcap');
  writeCapture(
    file,
    [
      [
        // CONNECT in two segments, as TCP may split it.
        cut('caller', [caller[0]!, connect.slice(0, 20)]),
        cut('caller', [connect.slice(20)]),
        cut('callee', callee.slice(0, 2)),
        cut('caller', caller.slice(2), true),
        cut('callee', callee.slice(2), true),
      ],
    ],
    39_712,
  );
  // In two passes, as Wireshark reads a capture.
  const told = tshark(file, ['-2', '-Y', 'goodbyte', '-o', columns]);
  t.same(
    told
      .trim()
      .split('\n')
      .map((line) => line.trim()),
    [
      '[preface: caller, versions 1 to 1]',
      '[CONNECT, caller data "teller 7"]',
      '[preface: callee, versions 1 to 1] [ACCEPT, callee data "welcome"]',
      '[DATA, 10 octets] [DISCONNECT, disconnect data "transactions: 41"]',
      '[DATA, 4 octets] [DISCONNECT, disconnect data "total: 1041"]',
    ],
  );
  const followed = tshark(file, ['-q', '-z', 'follow,tcp,ascii,0']);
  t.match(followed, 'teller 7');
  t.match(followed, 'total: 1041');
  t.end();
});

t.test('names NOTICE, PING, PONG and the idle limit', { skip }, (t) => {
  const file = join(t.testdir({}), 'idle.pcap');
  writeCapture(
    file,
    [
      [
        { from: 'caller', octets: call({ idleLimit: 30_000 }) },
        {
          from: 'callee',
          octets: Buffer.concat([
            calleePreface,
            acceptFrame({ idleLimit: 0 }),
            frame(FrameType.PING, 'abc'),
          ]),
        },
        { from: 'caller', octets: frame(FrameType.PONG, 'abc') },
        {
          from: 'callee',
          octets: frame(
            FrameType.NOTICE,
            encodeFields({ userData: Buffer.from('soon'), code: 7 }),
          ),
        },
      ],
    ],
    PORT,
  );
  const options = ['-d', `tcp.port==${PORT},goodbyte`, '-Y', 'goodbyte'];
  const told = tshark(file, [...options, '-o', columns]);
  t.same(
    told
      .trim()
      .split('\n')
      .map((line) => line.trim()),
    [
      '[preface: caller, versions 1 to 1] [CONNECT]',
      '[preface: callee, versions 1 to 1] [ACCEPT] [PING]',
      '[PONG]',
      '[NOTICE, data "soon", code 7]',
    ],
  );
  const limits = tshark(
    file,
    options.concat(['-T', 'fields', '-e', 'goodbyte.idle_limit']),
  );
  t.same(limits.trim().split(/\s+/), ['30000', '0']);
  t.end();
});

const columns = 'gui.column.format:"Info","%i"';
