import { once } from 'node:events';
import net from 'node:net';
import type { Test } from 'tap';
import {
  encodeFields,
  type Fields,
} from '../../../src/provider/framed/fields.js';
import { encodePreface } from '../../../src/provider/framed/encoder.js';
import { FrameType, Role } from '../../../src/provider/framed/wire.js';
import { octetsOf, frame } from '../../provider/framed/decoding.js';
import { provider, startHost } from './host.js';

// The reference provider with peers that break the wire format's rules, on plain TCP. The
// vectors check the decoder and the fields; this checks what the provider makes of their
// results.

const limits = { handshakeData: 4096, disconnectData: 4096, message: 1 << 20 };
const control = (type: number, fields: Fields) =>
  frame(type, encodeFields(fields));
const connect = (fields: Fields = {}) =>
  control(FrameType.CONNECT, { socketType: 1, limits, ...fields });
const data = (text: string) => frame(FrameType.DATA, Buffer.from(text));
const lastWord = (text: string) =>
  control(FrameType.DISCONNECT, { userData: Buffer.from(text) });
const fromCaller = encodePreface(Role.caller, 1, 1);
const fromCallee = encodePreface(Role.callee, 1, 1);
const accepted = control(FrameType.ACCEPT, { limits });

interface Peer {
  title: string;
  sends: readonly Uint8Array[];
  /** FIN after it; for a caller that will be accepted, after that. */
  fin?: boolean;
  /** In pieces of one octet. */
  slowly?: boolean;
  /** How the provider reports it. */
  told?: string;
}

interface Caller extends Peer {
  /** The answer, in the notation of {@link Heard}; a reset if absent. */
  answer?: RegExp;
}

const callers: readonly Caller[] = [
  {
    title: 'speaks HTTP',
    sends: [Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    answer: /^$/,
  },
  { title: 'is a health check', sends: [], fin: true, answer: /^$/ },
  {
    title: 'speaks a later version only',
    sends: [encodePreface(Role.caller, 2, 3), connect()],
    answer: /^<f6>GBYE<02><01><01>$/,
  },
  {
    title: 'says nothing of its socket type',
    sends: [fromCaller, control(FrameType.CONNECT, { limits })],
    answer: /^<f6>GBYE<02><01><01><03>.*missing-field/,
  },
  {
    title: 'has another socket type',
    sends: [fromCaller, connect({ socketType: 5 })],
    // 27 39: 10041.
    answer: /<03>.*<06><00><02>'9/,
  },
  {
    title: 'says too much',
    sends: [fromCaller, connect({ userData: Buffer.alloc(4097) })],
    // LIMITS, and 27 1e: 10014.
    answer: /<03>.*<05><00><08><10><00><10><00>.*<06><00><02>'<1e>/,
  },
  {
    title: 'sends data first',
    sends: [fromCaller, data('x')],
    answer: /unexpected-frame/,
  },
  {
    title: 'sends an unknown frame',
    sends: [fromCaller, connect(), frame(0x42, 'x')],
    answer: /welcome.*<06>.*unknown-frame/,
    told: 'closed 10054, receive 10054, 0 octets, last word ""',
  },
  {
    title: 'sends octets after its last word',
    sends: [fromCaller, connect(), lastWord('bye'), data('x')],
    answer: /welcome.*<06>.*trailing-octets/,
    told: 'closed 0, receive 0, 0 octets, last word "bye"',
  },
  {
    title: 'ends inside a frame',
    sends: [fromCaller, connect(), data('whole'), octetsOf('04000005')],
    fin: true,
    answer: /welcome.*truncated/,
    told: 'closed 10054, receive 10054, 5 octets, last word ""',
  },
  {
    title: 'ends without a last word',
    sends: [fromCaller, connect(), data('all')],
    fin: true,
    answer: /welcome.*<06>.*cut$/,
    told: 'closed 10054, receive 10054, 3 octets, last word ""',
  },
  {
    title: 'resets by a frame',
    sends: [fromCaller, connect(), control(FrameType.RESET, {})],
    told: 'closed 10054, receive 10054, 0 octets, last word ""',
  },
  {
    title: 'sends octet by octet',
    sends: [
      fromCaller,
      connect(),
      data('one'),
      frame(0xf0, 'skipped'),
      lastWord(''),
    ],
    slowly: true,
    fin: true,
    answer: /welcome.*<05><00><00><00>$/,
    told: 'closed 0, receive 0, 3 octets, last word ""',
  },
  {
    title: 'sends more before the verdict than is kept',
    sends: [
      fromCaller,
      connect(),
      frame(FrameType.DATA, Buffer.alloc(300_000)),
      lastWord('after all'),
    ],
    answer: /welcome.*<05><00><00><00>$/,
    told: 'closed 0, receive 0, 300000 octets, last word "after all"',
  },
];

interface Callee extends Peer {
  told: string;
}

const refuses = (status: number, text = '') =>
  control(FrameType.REJECT, { status, userData: Buffer.from(text) });

const callees: readonly Callee[] = [
  {
    title: 'speaks HTTP',
    sends: [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    told: 'connect 10043, ""',
  },
  { title: 'echoes', sends: [fromCaller], told: 'connect 10043, ""' },
  {
    title: 'speaks a later version',
    sends: [encodePreface(Role.callee, 2, 2)],
    told: 'connect 10092, ""',
  },
  {
    title: 'does not choose a version',
    sends: [encodePreface(Role.callee, 1, 2)],
    told: 'connect 10054, ""',
  },
  { title: 'hangs up', sends: [], fin: true, told: 'connect 10061, ""' },
  {
    title: 'hangs up inside its preface',
    sends: [octetsOf('f64742')],
    fin: true,
    told: 'connect 10054, ""',
  },
  {
    title: 'hangs up before the verdict',
    sends: [fromCallee],
    fin: true,
    told: 'connect 10054, ""',
  },
  {
    title: 'refuses',
    sends: [fromCallee, refuses(10061, 'not you')],
    fin: true,
    told: 'connect 10061, "not you"',
  },
  {
    title: 'was too slow',
    sends: [fromCallee, refuses(10060)],
    fin: true,
    told: 'connect 10060, ""',
  },
  {
    title: 'refuses with its own number',
    sends: [fromCallee, refuses(10013)],
    fin: true,
    told: 'connect 10061, ""',
  },
  {
    title: 'answers more than was asked for',
    sends: [
      fromCallee,
      control(FrameType.ACCEPT, { limits, userData: Buffer.alloc(17) }),
    ],
    told: 'connect 10054, ""',
  },
  {
    title: 'resets instead of a verdict',
    sends: [fromCallee, control(FrameType.RESET, {})],
    told: 'connect 10054, ""',
  },
  {
    title: 'accepts, and says goodbye at once',
    sends: [fromCallee, accepted, data('all'), lastWord('bye')],
    slowly: true,
    told: 'closed 0, receive 0, 3 octets, last word "bye"',
  },
];

async function say(socket: net.Socket, peer: Peer): Promise<void> {
  const octets = Buffer.concat(peer.sends);
  socket.setNoDelay(true);
  if (peer.slowly) {
    for (const octet of octets) {
      await new Promise((resolve) => socket.write(Buffer.of(octet), resolve));
    }
  } else if (octets.length > 0) {
    socket.write(octets);
  }
}

/** The octets that a socket receives: text, and others as `<f6>`. */
class Heard {
  readonly #socket: net.Socket;
  readonly #end: Promise<unknown>;
  #text = '';

  constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('data', (piece) => {
      for (const octet of piece) this.#text += shown(octet);
    });
    // A reset is an end, too.
    socket.on('error', () => {});
    this.#end = new Promise((resolve) => socket.once('close', resolve));
  }

  async until(text: string): Promise<void> {
    while (!this.#text.includes(text)) await once(this.#socket, 'data');
  }

  async all(): Promise<string> {
    await this.#end;
    return this.#text;
  }
}

function shown(octet: number): string {
  return octet >= 0x20 && octet < 0x7f
    ? String.fromCharCode(octet)
    : `<${octet.toString(16).padStart(2, '0')}>`;
}

export async function meetCallers(t: Test): Promise<void> {
  const host = startHost(provider(), ['serve']);
  const port = Number(await host.line(/^port (\d+)/));
  const call = () => net.connect({ port, host: '127.0.0.1' });
  for (const caller of callers) {
    await t.test(`one that ${caller.title}`, async (t) => {
      const { told, fin, answer } = caller;
      const socket = call();
      const heard = new Heard(socket);
      await once(socket, 'connect');
      await say(socket, caller);
      // An earlier FIN would withdraw the request.
      if (fin && told) await heard.until('welcome');
      if (fin) socket.end();
      if (told) t.equal(await host.line(/^(closed .*)/), told);
      const all = await heard.all();
      if (answer) t.match(all, answer);
    });
  }
  const last = call();
  last.write(
    Buffer.concat([fromCaller, connect({ userData: Buffer.from('enough') })]),
  );
  const { code, output } = await host.ended;
  t.equal(code, 0, output);
  last.destroy();
}

export async function meetCallees(t: Test): Promise<void> {
  const answers: Heard[] = [];
  const servers = callees.map((callee) =>
    net
      .createServer((socket) => {
        answers.push(new Heard(socket));
        void say(socket, callee).then(() => callee.fin && socket.end());
      })
      .listen(0, '127.0.0.1'),
  );
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) =>
    String((server.address() as net.AddressInfo).port),
  );
  const { code, output } = await startHost(provider(), ['call', ...ports])
    .ended;
  const lines = output.match(/^(connect 1.*|closed .*)$/gm) ?? [];
  for (const [index, { title, told }] of callees.entries()) {
    t.equal(lines[index]?.trimEnd(), told, `one that ${title}`);
  }
  t.equal(code, 0, output);
  for (const heard of answers) {
    t.match(await heard.all(), /^<f6>GBYE<01><01><01><01>.*hello/);
  }
  for (const server of servers) server.close();
}
