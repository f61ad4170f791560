import { connect as netConnect } from 'node:net';
import t from 'tap';
import type { SocketOptions } from '../../../src/provider/provider.js';
import { FrameType } from '../../../src/provider/framed/wire.js';
import {
  RawPeer,
  abortAll,
  accepted,
  listening,
  targetOf,
  text,
  type Watched,
} from '../../support/seam.js';
import { call, disconnectFrame, frame } from '../../support/wire.js';

// The side that speaks its last word first sends FIN after the other's; the side that
// answers sends it after the other's FIN (wire format §10.4). The peer here is raw.

t.afterEach(abortAll);

async function pair(
  options: Partial<SocketOptions> = {},
): Promise<{ callee: Watched; peer: RawPeer }> {
  const listener = await listening({ port: 0, host: '127.0.0.1' }, options);
  const peer = new RawPeer(
    netConnect({ ...targetOf(listener), allowHalfOpen: true }),
  );
  peer.stream.write(call());
  const callee = await accepted(listener);
  return { callee, peer };
}

type Peer = RawPeer;

/** Receives everything up to a last word with this data. */
async function hears(peer: Peer, word: string): Promise<void> {
  const last = disconnectFrame(word).toString('latin1');
  while (!peer.received.toString('latin1').endsWith(last)) {
    await peer.receive(peer.received.length + 1);
  }
}

/** Resolves when a FIN sent by now would have arrived. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
}

/** A step of either end; each resolves when its effect has happened. */
const steps = {
  says: ({ callee, peer }) => {
    callee.socket.sendDisconnect(Buffer.from('ours'));
    return hears(peer, 'ours');
  },
  hearsWord: async ({ callee }) => {
    await callee.read();
    await callee.lastWord();
  },
  closes: ({ callee }) => {
    callee.socket.close();
  },
  shuts: ({ callee }) => {
    callee.socket.shutdownSend();
  },
  peerSays: ({ peer }) => {
    peer.stream.write(disconnectFrame('theirs'));
  },
  peerEnds: ({ peer }) => {
    peer.stream.end();
  },
  peerSendsData: ({ peer }) => {
    peer.stream.write(frame(FrameType.DATA, 'data'));
  },
  peerBreaksARule: ({ peer }) => {
    peer.stream.write(Buffer.from('3f000000', 'hex'));
  },
  noFinYet: async ({ peer }) => {
    await turns();
    if (peer.ended) throw new Error('FIN has come');
  },
  fin: ({ peer }) => peer.end(),
  over: ({ callee }) => callee.released(),
} satisfies Record<
  string,
  (ends: { callee: Watched; peer: Peer }) => void | Promise<void>
>;

const eager = { eagerFin: true };
const soon = { lingerTimeout: 20 };

const cases: Record<
  string,
  { options?: Partial<SocketOptions>; steps: (keyof typeof steps)[] }
> = {
  'the first to speak, until the answer': {
    steps: ['says', 'noFinYet', 'peerSays', 'fin'],
  },
  'the first to speak, while data still arrives': {
    steps: [
      'says',
      'peerSendsData',
      'noFinYet',
      'peerSays',
      'hearsWord',
      'fin',
    ],
  },
  'the first to speak, then closing': {
    steps: [
      'says',
      'closes',
      'noFinYet',
      'peerSendsData',
      'noFinYet',
      'peerSays',
      'fin',
      'peerEnds',
      'over',
    ],
  },
  'closing without a word': {
    steps: ['closes', 'noFinYet', 'peerSays', 'fin', 'peerEnds', 'over'],
  },
  'the first to speak, which receives FIN alone': {
    steps: ['says', 'noFinYet', 'peerEnds', 'fin'],
  },
  'closing, then receiving FIN alone': {
    steps: ['closes', 'noFinYet', 'peerEnds', 'fin', 'over'],
  },
  'closing, then receiving nonsense': {
    steps: ['closes', 'noFinYet', 'peerBreaksARule', 'fin', 'peerEnds', 'over'],
  },
  'the answering side, until FIN': {
    steps: ['peerSays', 'hearsWord', 'says', 'noFinYet', 'peerEnds', 'fin'],
  },
  'the answering side, then closing (5a)': {
    steps: [
      'peerSays',
      'hearsWord',
      'says',
      'closes',
      'noFinYet',
      'peerEnds',
      'fin',
      'over',
    ],
  },
  'closing instead of an answer': {
    steps: [
      'peerSays',
      'hearsWord',
      'closes',
      'noFinYet',
      'peerEnds',
      'fin',
      'over',
    ],
  },
  'answering a peer that ended at once': {
    steps: ['peerSays', 'peerEnds', 'hearsWord', 'noFinYet', 'says', 'fin'],
  },
  'with eagerFin, the first to speak': {
    options: eager,
    steps: ['says', 'fin', 'peerSays', 'hearsWord'],
  },
  'with eagerFin, the answering side': {
    options: eager,
    steps: ['peerSays', 'hearsWord', 'says', 'fin'],
  },
  'with eagerFin, closing': {
    options: eager,
    steps: ['closes', 'fin', 'peerSays', 'peerEnds', 'over'],
  },
  'shutdown instead of a last word': {
    steps: ['shuts', 'fin', 'peerSays', 'hearsWord'],
  },
  'shutdown after the last word': {
    steps: ['says', 'noFinYet', 'shuts', 'fin', 'peerSays', 'hearsWord'],
  },
  'shutdown after the answer': {
    steps: ['peerSays', 'hearsWord', 'says', 'noFinYet', 'shuts', 'fin'],
  },
  'the deadline, of the first to speak': {
    options: soon,
    steps: ['says', 'closes', 'fin', 'over'],
  },
  'the deadline, of the answering side': {
    options: soon,
    steps: ['peerSays', 'hearsWord', 'says', 'closes', 'fin', 'over'],
  },
};

for (const [name, { options, steps: these }] of Object.entries(cases)) {
  t.test(name, async (t) => {
    const ends = await pair(options);
    t.teardown(() => ends.peer.stream.destroy());
    for (const step of these) {
      await t.resolves((async () => steps[step](ends))(), step);
    }
    const said = text(ends.peer.received);
    t.equal(
      String(said).split('\u0005\0\0').length - 1,
      1,
      'there is one last word',
    );
  });
}
