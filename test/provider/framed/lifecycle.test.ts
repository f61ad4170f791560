import t from 'tap';
import {
  calls,
  events,
  lifecycle,
  states,
  type Action,
  type Call,
  type Cell,
  type Input,
  type State,
} from '../../../src/provider/framed/lifecycle.js';
import {
  WSAEALREADY,
  WSAECONNRESET,
  WSAEINVAL,
  WSAEISCONN,
  WSAENOTCONN,
  WSAENOTSOCK,
  WSAESHUTDOWN,
  winsockErrorName,
  type Status,
} from '../../../src/vocabulary/error-codes.js';

// Derives the states again, from the contract and not from the table, which calls a
// socket allows when, and then walks all paths of the table.

const inputs: readonly Input[] = [...calls, ...events];

const connecting: readonly State[] = ['dialing', 'calling', 'ringing'];
const handshaking: readonly State[] = ['waiting', 'greeted', 'offered'];
/** From ACCEPT until closesocket. */
const connected: readonly State[] = [
  'open',
  'halfClosedLocal',
  'halfClosedRemote',
  'finReceived',
  'answered',
  'ended',
  'failed',
];
const gone: readonly State[] = ['parting', 'lingering', 'closed'];

interface Edge {
  from: State;
  input: Input;
  cell: Cell;
  to: State;
}

const edges: readonly Edge[] = states.flatMap((from) =>
  inputs.map((input) => {
    const cell = lifecycle[from][input];
    return { from, input, cell, to: cell.to ?? from };
  }),
);
const nameOf = ({ from, input, to }: Edge) => `${from} -${input}-> ${to}`;
const has = ({ cell }: Edge, action: Action) => cell.actions.includes(action);
const isEnd = ({ input }: Edge) => input === 'close' || input === 'abort';
const namesOf = (those: readonly Edge[]) => those.map(nameOf);

t.test('every pair of state and input is there, and no other', (t) => {
  t.same(new Set(Object.keys(lifecycle)), new Set(states));
  for (const state of states) {
    t.same(new Set(Object.keys(lifecycle[state])), new Set(inputs), state);
  }
  const unknown = edges.filter(({ to }) => !states.includes(to));
  t.same(namesOf(unknown), []);
  t.end();
});

t.test('every state can be reached', (t) => {
  // A socket begins as idle, an accepted one as waiting.
  const reached = new Set<State>(['idle', 'waiting']);
  for (const from of reached) {
    for (const input of inputs) reached.add(lifecycle[from][input].to ?? from);
  }
  t.same(reached, new Set(states));
  t.end();
});

// -- results of calls --------------------------------------------------------

type Expected = Partial<Record<State, Status>>;

const all = (those: readonly State[], status: Status): Expected =>
  Object.fromEntries(those.map((state) => [state, status]));

const notYet: readonly State[] = ['idle', ...connecting, ...handshaking];

const contract: { readonly [C in Call]: Expected } = {
  connect: {
    idle: 0,
    ...all(connecting, WSAEALREADY),
    ...all(connected, WSAEISCONN),
    ...all(gone, WSAENOTSOCK),
  },
  // Verdicts (rows 4 and 5): once for each request; a late one is answered with a reset.
  accept: {
    ...all(notYet, WSAEINVAL),
    offered: 0,
    ...all(connected, WSAEINVAL),
    closed: WSAECONNRESET,
  },
  reject: {
    ...all(notYet, WSAEINVAL),
    offered: 0,
    ...all(connected, WSAEINVAL),
    closed: WSAECONNRESET,
  },
  // Rows 6 and 7.
  send: {
    ...all(notYet, WSAENOTCONN),
    open: 0,
    halfClosedRemote: 0,
    finReceived: 0,
    halfClosedLocal: WSAESHUTDOWN,
    answered: WSAESHUTDOWN,
    ended: WSAESHUTDOWN,
    failed: WSAECONNRESET,
    ...all(gone, WSAENOTSOCK),
  },
  receive: {
    ...all(notYet, WSAENOTCONN),
    ...all(connected, 0),
    ...all(gone, WSAENOTSOCK),
  },
  disconnect: {
    ...all(notYet, WSAENOTCONN),
    ...all(connected, 0),
    failed: WSAECONNRESET,
    ...all(gone, WSAENOTSOCK),
  },
  shutdown: {
    ...all(notYet, WSAENOTCONN),
    ...all(connected, 0),
    failed: WSAECONNRESET,
    ...all(gone, WSAENOTSOCK),
  },
  disconnectWithData: {
    ...all(notYet, WSAENOTCONN),
    open: 0,
    halfClosedRemote: 0,
    finReceived: 0,
    halfClosedLocal: WSAESHUTDOWN,
    answered: WSAESHUTDOWN,
    ended: WSAESHUTDOWN,
    failed: WSAECONNRESET,
    ...all(gone, WSAENOTSOCK),
  },
  // Row 11: it never fails on an open socket.
  close: {
    ...all(notYet, 0),
    ...all(connected, 0),
    ...all(gone, WSAENOTSOCK),
  },
  abort: {
    ...all(notYet, 0),
    ...all(connected, 0),
    closed: WSAENOTSOCK,
  },
};

for (const call of calls) {
  t.test(`${call} returns the contract's value`, (t) => {
    for (const [state, status] of Object.entries(contract[call])) {
      t.equal(
        lifecycle[state as State][call].status,
        status,
        `${state}: ${winsockErrorName(status) ?? status}`,
      );
    }
    t.end();
  });
}

t.test('a refused call changes nothing', (t) => {
  const wrong = edges.filter(
    ({ cell }) => cell.status !== 0 && (cell.to || cell.actions.length > 0),
  );
  t.same(namesOf(wrong), []);
  t.end();
});

t.test('only calls return a status', (t) => {
  const told: readonly Input[] = events;
  const wrong = edges.filter(
    ({ input, cell }) => told.includes(input) && cell.status !== 0,
  );
  t.same(namesOf(wrong), []);
  t.end();
});

// -- what happens on the way ------------------------------------------------

t.test('closed absorbs everything', (t) => {
  const wrong = edges.filter(
    ({ from, to, cell }) =>
      from === 'closed' &&
      (to !== 'closed' || cell.actions.some((action) => action !== 'never')),
  );
  t.same(namesOf(wrong), []);
  t.end();
});

t.test('closesocket always finishes', (t) => {
  for (const state of states.filter((name) => !gone.includes(name))) {
    t.equal(lifecycle[state].abort.to, 'closed', `${state}, abort`);
    const next = lifecycle[state].close.to!;
    t.ok(gone.includes(next), `${state}, close`);
  }
  t.equal(lifecycle.lingering.released.to, 'closed');
  const back = edges.filter(
    ({ from, to }) => gone.includes(from) && !gone.includes(to),
  );
  t.same(namesOf(back), [], 'and nothing comes back from it');
  t.end();
});

t.test('each connect gets its outcome once', (t) => {
  for (const edge of edges) {
    const told = edge.cell.actions.filter((action) =>
      ['indicateConnected', 'indicateRefused'].includes(action),
    );
    const leaves =
      connecting.includes(edge.from) && !connecting.includes(edge.to);
    t.equal(told.length, leaves && !isEnd(edge) ? 1 : 0, nameOf(edge));
    if (told.length > 0) {
      const isOpen = told[0] === 'indicateConnected';
      t.equal(edge.to, isOpen ? 'open' : 'idle', nameOf(edge));
    }
  }
  t.end();
});

t.test('impossible inputs change nothing, and call nothing', (t) => {
  const wrong = edges.filter(
    (edge) =>
      has(edge, 'never') &&
      (edge.cell.to ||
        edge.cell.actions.length > 1 ||
        calls.some((call) => call === edge.input)),
  );
  t.same(namesOf(wrong), []);
  t.end();
});

t.test('the closing side is notified once when nothing is left', (t) => {
  const hasOwner = (state: State) => !handshaking.includes(state);
  for (const edge of edges) {
    const isLast = edge.from !== 'closed' && edge.to === 'closed';
    const isTold = isLast && hasOwner(edge.from);
    t.equal(has(edge, 'indicateReleased'), isTold, nameOf(edge));
  }
  t.end();
});

const sayingSo: readonly Action[] = [
  'withdraw',
  'expire',
  'disqualify',
  'dismiss',
];

t.test('each request ends by a verdict, or is withdrawn once', (t) => {
  for (const edge of edges) {
    const told = edge.cell.actions.filter((each) => sayingSo.includes(each));
    const leaves =
      handshaking.includes(edge.from) && !handshaking.includes(edge.to);
    const isVerdict = edge.input === 'accept' || edge.input === 'reject';
    t.equal(told.length, leaves && !isVerdict ? 1 : 0, nameOf(edge));
  }
  t.end();
});

const rejecting: readonly Action[] = [
  'sendReject',
  'sendRefusal',
  'sendDismissal',
];

t.test('a verdict frame is sent once, by a callee, after its preface', (t) => {
  for (const edge of edges) {
    const { from, to } = edge;
    if (has(edge, 'sendAccept')) t.match([from, to], ['offered', 'open']);
    if (rejecting.some((action) => has(edge, action))) {
      t.ok(['greeted', 'offered'].includes(from), nameOf(edge));
      t.equal(to, 'lingering', nameOf(edge));
    }
    if (has(edge, 'greet'))
      t.match([from, to], ['waiting', /^(greeted|lingering)$/]);
  }
  t.end();
});

t.test('data is delivered only before the last word of the peer', (t) => {
  for (const edge of edges.filter((each) => has(each, 'deliver'))) {
    t.equal(edge.input, 'data', nameOf(edge));
    t.ok(['open', 'halfClosedLocal'].includes(edge.from), nameOf(edge));
  }
  t.end();
});

t.test('a violation is sent only to a peer that may be sent frames', (t) => {
  const hasPreface: readonly State[] = ['ringing', ...connected];
  for (const edge of edges.filter((each) => has(each, 'complain'))) {
    t.equal(edge.input, 'violation', nameOf(edge));
    t.ok(hasPreface.includes(edge.from), nameOf(edge));
  }
  t.end();
});

t.test('actions that call the application run last', (t) => {
  const telling: readonly Action[] = [
    'offer',
    'indicateConnected',
    'indicateRefused',
    'indicateReleased',
    ...sayingSo,
    'deliver',
    'hearLastWord',
    'fail',
  ];
  const wrong = edges.filter(({ cell: { actions } }) =>
    actions.slice(0, -1).some((action) => telling.includes(action)),
  );
  t.same(namesOf(wrong), []);
  t.end();
});

// -- all paths --------------------------------------------------------------

/** The results of a path that later steps depend on. */
interface Walked {
  state: State;
  /** sendLastWord has been carried out. */
  lastWord: boolean;
  /** FIN was sent: linger and complain do so too. */
  fin: boolean;
  /** The peer has said its last word, or sent FIN. */
  heard: boolean;
  /** The peer has sent FIN. */
  finHeard: boolean;
  /** The close indication is queued. */
  indicated: boolean;
  /** closesocket was called. */
  closed: boolean;
}

/** States of an established connection, or of one being closed. */
const hears = ({ from, input }: Edge, ...those: Input[]) =>
  (connected.includes(from) || from === 'parting') && those.includes(input);
const lingering: readonly Action[] = ['linger', 'lingerBriefly', 'leave'];
const sendsFin = (edge: Edge) =>
  has(edge, 'sendFin') ||
  has(edge, 'complain') ||
  lingering.some((action) => has(edge, action));

/**
 * Takes every step from every reachable state. That covers all paths, since a step's
 * effect depends only on {@link Walked}.
 */
function walk(step: (walked: Walked, edge: Edge) => void): number {
  const start: Omit<Walked, 'state'> = {
    lastWord: false,
    fin: false,
    heard: false,
    finHeard: false,
    indicated: false,
    closed: false,
  };
  const reached = new Map<string, Walked>();
  const reach = (walked: Walked) => {
    const key = JSON.stringify(walked);
    if (!reached.has(key)) reached.set(key, walked);
  };
  reach({ state: 'idle', ...start });
  reach({ state: 'waiting', ...start });
  for (const walked of reached.values()) {
    for (const edge of edges.filter(({ from }) => from === walked.state)) {
      step(walked, edge);
      reach({
        state: edge.to,
        lastWord: walked.lastWord || has(edge, 'sendLastWord'),
        fin: walked.fin || sendsFin(edge),
        heard: walked.heard || hears(edge, 'disconnectFrame', 'end'),
        finHeard: walked.finHeard || hears(edge, 'end'),
        indicated:
          walked.indicated || has(edge, 'hearLastWord') || has(edge, 'fail'),
        closed: walked.closed || isEnd(edge),
      });
    }
  }
  return reached.size;
}

t.test('there is one last word, after the connection was open', (t) => {
  const wrong: string[] = [];
  walk(({ lastWord }, edge) => {
    if (!has(edge, 'sendLastWord')) return;
    if (lastWord || !connected.includes(edge.from)) wrong.push(nameOf(edge));
  });
  t.same(wrong, []);
  t.end();
});

t.test('nothing is sent after the last word', (t) => {
  const wrong: string[] = [];
  walk(({ lastWord }, edge) => {
    const sends =
      (edge.input === 'send' && edge.cell.status === 0) ||
      has(edge, 'sendAccept') ||
      rejecting.some((action) => has(edge, action));
    if (lastWord && sends) wrong.push(nameOf(edge));
  });
  t.same(wrong, []);
  t.end();
});

t.test('a graceful close says a last word on every path', (t) => {
  const wrong: string[] = [];
  walk(({ lastWord }, edge) => {
    if (edge.input !== 'close' || !connected.includes(edge.from)) return;
    const says = lastWord || has(edge, 'sendLastWord');
    if (!says && edge.from !== 'failed') wrong.push(nameOf(edge));
  });
  t.same(wrong, []);
  t.end();
});

t.test('FIN waits for the peer: the answering side sends it second', (t) => {
  const early: string[] = [];
  const late: string[] = [];
  walk(({ lastWord, fin, heard, finHeard }, edge) => {
    const { from, input, to } = edge;
    if (fin || from === 'failed') return;
    // Nothing is sent twice.
    if (heard && input === 'disconnectFrame') return;
    const spoke = lastWord || has(edge, 'sendLastWord');
    // It spoke first, if the peer's word has not arrived yet.
    const mayEnd =
      finHeard || input === 'end' || (lastWord && input === 'disconnectFrame');
    const isAsked = ['shutdown', 'timeout', 'violation'].includes(input);
    if (spoke && sendsFin(edge) && !mayEnd && !isAsked) {
      early.push(nameOf(edge));
    }
    const remains = to !== 'closed' && to !== 'failed';
    if (spoke && mayEnd && !sendsFin(edge) && remains) late.push(nameOf(edge));
  });
  t.same(early, [], 'not before');
  t.same(late, [], 'and then at once');
  t.end();
});

t.test('there is exactly one close indication for a connection', (t) => {
  const told: readonly State[] = [
    'halfClosedRemote',
    'finReceived',
    'answered',
    'ended',
    'failed',
  ];
  const wrong: string[] = [];
  const count = walk(({ indicated, closed }, edge) => {
    const hears = has(edge, 'hearLastWord');
    // `fail` does nothing where an indication is queued already.
    const tells = hears || (has(edge, 'fail') && !indicated);
    if (hears && indicated) wrong.push(`twice: ${nameOf(edge)}`);
    if (tells && closed) wrong.push(`after closesocket: ${nameOf(edge)}`);
    if (tells && !connected.includes(edge.from)) {
      wrong.push(`never open: ${nameOf(edge)}`);
    }
    const due = told.includes(edge.to);
    if (due && !indicated && !tells) wrong.push(`none: ${nameOf(edge)}`);
    if (!due && tells) wrong.push(`too early: ${nameOf(edge)}`);
  });
  t.same(wrong, []);
  t.ok(count > states.length, `${count} situations`);
  t.end();
});

t.test('a transport that lives is never just forgotten', (t) => {
  const live: readonly State[] = [
    ...connecting,
    ...handshaking,
    ...connected.filter((state) => state !== 'failed'),
    'parting',
  ];
  const ending: readonly Action[] = [...lingering, 'reset', 'cut', 'complain'];
  for (const edge of edges.filter(({ from }) => live.includes(from))) {
    const { from, input, to, cell } = edge;
    const letGo = ['lost', 'released'].includes(input);
    // Only a connection can end.
    if (from === 'dialing' && input === 'end') continue;
    const count = cell.actions.filter((each) => ending.includes(each)).length;
    const leaves = !live.includes(to);
    t.equal(count, leaves && !letGo ? 1 : 0, nameOf(edge));
    t.equal(has(edge, 'release'), leaves && letGo, nameOf(edge));
  }
  t.end();
});
