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

// Who speaks its last word first sends FIN behind the other's; who answers
// sends it behind the other's FIN (wire format §10.4). The peer here is raw.

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

/** Receives everything up to a last word with that data. */
async function hears(peer: Peer, word: string): Promise<void> {
  const last = disconnectFrame(word).toString('latin1');
  while (!peer.received.toString('latin1').endsWith(last)) {
    await peer.receive(peer.received.length + 1);
  }
}

/** A FIN that was sent by now has come. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
}

/** One step of either end; each is over when what it is about has happened. */
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
  'who speaks first, until the answer': {
    steps: ['says', 'noFinYet', 'peerSays', 'fin'],
  },
  'who speaks first, while data still comes': {
    steps: [
      'says',
      'peerSendsData',
      'noFinYet',
      'peerSays',
      'hearsWord',
      'fin',
    ],
  },
  'who speaks first and closes': {
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
  'who closes without a word': {
    steps: ['closes', 'noFinYet', 'peerSays', 'fin', 'peerEnds', 'over'],
  },
  'who speaks first, and hears FIN alone': {
    steps: ['says', 'noFinYet', 'peerEnds', 'fin'],
  },
  'who closes, and hears FIN alone': {
    steps: ['closes', 'noFinYet', 'peerEnds', 'fin', 'over'],
  },
  'who closes, and hears nonsense': {
    steps: ['closes', 'noFinYet', 'peerBreaksARule', 'fin', 'peerEnds', 'over'],
  },
  'who answers, until FIN': {
    steps: ['peerSays', 'hearsWord', 'says', 'noFinYet', 'peerEnds', 'fin'],
  },
  'who answers and closes (5a)': {
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
  'who closes in place of an answer': {
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
  'who answers one that ended at once': {
    steps: ['peerSays', 'peerEnds', 'hearsWord', 'noFinYet', 'says', 'fin'],
  },
  'with eagerFin, who speaks first': {
    options: eager,
    steps: ['says', 'fin', 'peerSays', 'hearsWord'],
  },
  'with eagerFin, who answers': {
    options: eager,
    steps: ['peerSays', 'hearsWord', 'says', 'fin'],
  },
  'with eagerFin, who closes': {
    options: eager,
    steps: ['closes', 'fin', 'peerSays', 'peerEnds', 'over'],
  },
  'shutdown in place of a last word': {
    steps: ['shuts', 'fin', 'peerSays', 'hearsWord'],
  },
  'shutdown behind the last word': {
    steps: ['says', 'noFinYet', 'shuts', 'fin', 'peerSays', 'hearsWord'],
  },
  'shutdown behind the answer': {
    steps: ['peerSays', 'hearsWord', 'says', 'noFinYet', 'shuts', 'fin'],
  },
  'the deadline, of who spoke first': {
    options: soon,
    steps: ['says', 'closes', 'fin', 'over'],
  },
  'the deadline, of who answered': {
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
