// Longer than other files: every pair of a state and an input is written out.

import {
  WSAEALREADY,
  WSAECONNRESET,
  WSAEINVAL,
  WSAEISCONN,
  WSAENOTCONN,
  WSAENOTSOCK,
  WSAESHUTDOWN,
  type Status,
} from '../../vocabulary/error-codes.js';

/**
 * The life of a framed connection, as a table: every (state, input) pair is
 * decided here and nowhere else. It does no I/O: {@link FramedConnection} feeds it
 * inputs and carries out the actions of the cell that they meet.
 */
export const states = [
  /** No transport: before connect, and after a connect that failed. */
  'idle',
  /** Caller: the transport is being connected. */
  'dialing',
  /** Caller: preface and CONNECT are sent, nothing has come back. */
  'calling',
  /** Caller: the callee's preface has come, its verdict has not. */
  'ringing',
  /** Callee: nothing, or a part of the preface, has come. */
  'waiting',
  /** Callee: the prefaces are exchanged, CONNECT has not come. */
  'greeted',
  /** Callee: the request waits for its verdict. */
  'offered',
  /** Both directions are open. */
  'open',
  /** Our last word is sent, the peer's has not come: our FIN waits for it. */
  'halfClosedLocal',
  /** The peer's last word has come, its FIN has not; ours is not sent. */
  'halfClosedRemote',
  /**
   * The peer's FIN has come, and its last word if it sent one; ours is not
   * sent.
   */
  'finReceived',
  /** The peer spoke its last word first, then we: our FIN waits for its FIN. */
  'answered',
  /** Both last words and our FIN are sent; closesocket is yet to come. */
  'ended',
  /** Reset, cut or violated; closesocket has not been called. */
  'failed',
  /**
   * closesocket was called, our last word is sent: our FIN waits for the peer.
   */
  'parting',
  /** closesocket was called, or REJECT sent: the transport finishes alone. */
  'lingering',
  /** Nothing is left. */
  'closed',
] as const;
export type State = (typeof states)[number];

/** The initial state of a socket that connects, */
export const callerStart: State = 'idle';
/** and of one whose connection came in. */
export const calleeStart: State = 'waiting';

/** Calls of the application. Each returns a status. */
export const calls = [
  'connect',
  'accept',
  'reject',
  'send',
  /** Any call that receives: data, or the last word. */
  'receive',
  /** WSASendDisconnect, without data or with. */
  'disconnect',
  'disconnectWithData',
  /** shutdown(SD_SEND): FIN at once, after the last word. */
  'shutdown',
  /** closesocket, with SO_LINGER off or on/n. */
  'close',
  /** closesocket with SO_LINGER on/0. */
  'abort',
] as const;
export type Call = (typeof calls)[number];

/** Events of the transport and the clock. */
export const events = [
  'dialed',
  'preface',
  /** A caller's preface without a common version. */
  'noCommonVersion',
  /** The peer speaks no framing, and that is allowed. */
  'plain',
  'connectFrame',
  'acceptFrame',
  'rejectFrame',
  'data',
  'disconnectFrame',
  'resetFrame',
  /** The peer's FIN, between two frames. */
  'end',
  /** A reset, an I/O error, or a FIN inside a frame. */
  'lost',
  'violation',
  'timeout',
  /** The transport has released everything. */
  'released',
] as const;
type TransportEvent = (typeof events)[number];

export type Input = Call | TransportEvent;

export type Action =
  /** Connect the transport; the clock runs until the verdict. */
  | 'dial'
  /** Send our preface and CONNECT. */
  | 'call'
  /** Send the callee's preface: the chosen version, or its own range. */
  | 'greet'
  /** Keep the request and hand it to the listener; its clock runs. */
  | 'offer'
  | 'sendAccept'
  /** REJECT, for the verdict. */
  | 'sendReject'
  /** REJECT, for the present failure. */
  | 'sendRefusal'
  /** REJECT, because the listener closes. */
  | 'sendDismissal'
  /** Report that it is connected, with ACCEPT's contents. */
  | 'indicateConnected'
  /** Report that the connect has failed, with the error. */
  | 'indicateRefused'
  /** Report to the listener that the caller has left. */
  | 'withdraw'
  /** Report to it that the handshake or the request took too long, */
  | 'expire'
  /** that the caller broke a rule, */
  | 'disqualify'
  /** or that this side refused it. */
  | 'dismiss'
  /** Queue octets for the application. */
  | 'deliver'
  /** Send DISCONNECT; to a plain peer FIN. */
  | 'sendLastWord'
  /** Send FIN, if it is not sent yet. */
  | 'sendFin'
  /** Queue the close indication, with the peer's disconnect data if any. */
  | 'hearLastWord'
  /** Queue the close indication with the failure's code, if none is queued. */
  | 'fail'
  /** Wait for the peer to end, dropping input; the clock runs. */
  | 'part'
  /** Let the transport send queued data and FIN, drain and close by itself. */
  | 'linger'
  /** The same, but briefly. */
  | 'lingerBriefly'
  /** The same as `linger`, and ignore its events. */
  | 'leave'
  /**
   * Name the violation to the peer, by RESET if it may be sent, and linger
   * briefly.
   */
  | 'complain'
  /** End the transport so that the peer sees a reset: by RESET if it may be sent. */
  | 'reset'
  /** End the transport at once, without a word: the peer has ended. */
  | 'cut'
  /** Drop the transport; it has finished. */
  | 'release'
  /** Report to the application that the connection is gone. */
  | 'indicateReleased'
  /** It cannot happen: a bug in this code, which fails tests. */
  | 'never';

/**
 * The state changes before the actions run, and actions that call the
 * application run last: it may call back into the socket.
 */
export interface Cell {
  /** The next state; the same one if absent. */
  readonly to?: State;
  readonly actions: readonly Action[];
  /** The status that a call returns. */
  readonly status: Status;
}

const go = (to: State, ...actions: Action[]): Cell => ({
  to,
  actions,
  status: 0,
});
const stay = (...actions: Action[]): Cell => ({ actions, status: 0 });
const refuse = (status: Status): Cell => ({ actions: [], status });

/** Late or without effect: dropped on purpose. */
const ignore = stay();
/**
 * Prevented by the decoder (order of frames) or by the transport (which reports
 * each event once). If it comes anyway, nothing happens, except in tests.
 */
const never = stay('never');

type Row<Inputs extends Input> = Readonly<Record<Inputs, Cell>>;

const noFrames = {
  connectFrame: never,
  acceptFrame: never,
  rejectFrame: never,
  data: never,
  disconnectFrame: never,
  resetFrame: never,
} satisfies Partial<Row<Input>>;

const notConnected = {
  accept: refuse(WSAEINVAL),
  reject: refuse(WSAEINVAL),
  send: refuse(WSAENOTCONN),
  receive: refuse(WSAENOTCONN),
  disconnect: refuse(WSAENOTCONN),
  disconnectWithData: refuse(WSAENOTCONN),
  shutdown: refuse(WSAENOTCONN),
} satisfies Partial<Row<Input>>;

const connected = {
  connect: refuse(WSAEISCONN),
  receive: stay(),
  accept: refuse(WSAEINVAL),
  reject: refuse(WSAEINVAL),
  dialed: never,
  preface: never,
  noCommonVersion: never,
  plain: never,
  connectFrame: never,
  acceptFrame: never,
  rejectFrame: never,
  timeout: never,
} satisfies Partial<Row<Input>>;

/** WSASendDisconnect was called: no more sending (contract row 6). */
const shutDown = {
  send: refuse(WSAESHUTDOWN),
  disconnect: stay(),
  disconnectWithData: refuse(WSAESHUTDOWN),
} satisfies Partial<Row<Input>>;

/** closesocket was called, or the request was withdrawn (contract row 5). */
const gone = {
  connect: refuse(WSAENOTSOCK),
  accept: refuse(WSAECONNRESET),
  reject: refuse(WSAECONNRESET),
  send: refuse(WSAENOTSOCK),
  receive: refuse(WSAENOTSOCK),
  disconnect: refuse(WSAENOTSOCK),
  disconnectWithData: refuse(WSAENOTSOCK),
  shutdown: refuse(WSAENOTSOCK),
  close: refuse(WSAENOTSOCK),
} satisfies Partial<Row<Input>>;

const failing = go('failed', 'release', 'fail');
const complaining = go('failed', 'complain', 'fail');

/** A connect that fails leaves the socket ready for another try. */
const connectFails = go('idle', 'reset', 'indicateRefused');
const connectCut = go('idle', 'cut', 'indicateRefused');
const connectLost = go('idle', 'release', 'indicateRefused');

const rows: Readonly<Record<State, Row<Input>>> = {
  idle: {
    ...notConnected,
    ...noFrames,
    connect: go('dialing', 'dial'),
    close: go('closed', 'release', 'indicateReleased'),
    abort: go('closed', 'release', 'indicateReleased'),
    dialed: never,
    preface: never,
    noCommonVersion: never,
    plain: never,
    end: never,
    // A failed connect's transport may still emit events.
    lost: ignore,
    violation: ignore,
    timeout: never,
    released: ignore,
  },
  dialing: {
    ...notConnected,
    ...noFrames,
    connect: refuse(WSAEALREADY),
    close: go('closed', 'reset', 'indicateReleased'),
    abort: go('closed', 'reset', 'indicateReleased'),
    dialed: go('calling', 'call'),
    preface: never,
    noCommonVersion: never,
    plain: never,
    end: connectLost,
    lost: connectLost,
    violation: connectFails,
    timeout: connectFails,
    released: connectLost,
  },
  calling: {
    ...notConnected,
    ...noFrames,
    connect: refuse(WSAEALREADY),
    close: go('closed', 'reset', 'indicateReleased'),
    abort: go('closed', 'reset', 'indicateReleased'),
    dialed: never,
    preface: go('ringing'),
    noCommonVersion: never,
    plain: never,
    end: connectCut,
    lost: connectLost,
    violation: connectFails,
    timeout: connectFails,
    released: connectLost,
  },
  ringing: {
    ...notConnected,
    connect: refuse(WSAEALREADY),
    close: go('closed', 'reset', 'indicateReleased'),
    abort: go('closed', 'reset', 'indicateReleased'),
    dialed: never,
    preface: never,
    noCommonVersion: never,
    plain: never,
    connectFrame: never,
    acceptFrame: go('open', 'indicateConnected'),
    rejectFrame: go('idle', 'leave', 'indicateRefused'),
    data: never,
    disconnectFrame: never,
    resetFrame: connectCut,
    end: connectCut,
    lost: connectLost,
    violation: go('idle', 'complain', 'indicateRefused'),
    timeout: connectFails,
    released: connectLost,
  },
  waiting: {
    ...notConnected,
    ...noFrames,
    connect: refuse(WSAEINVAL),
    close: go('closed', 'reset', 'dismiss'),
    abort: go('closed', 'reset', 'dismiss'),
    dialed: never,
    preface: go('greeted', 'greet'),
    noCommonVersion: go('lingering', 'greet', 'linger', 'disqualify'),
    plain: go('offered', 'offer'),
    end: go('closed', 'cut', 'withdraw'),
    lost: go('closed', 'release', 'withdraw'),
    violation: go('closed', 'reset', 'disqualify'),
    timeout: go('closed', 'reset', 'expire'),
    released: go('closed', 'release', 'withdraw'),
  },
  greeted: {
    ...notConnected,
    connect: refuse(WSAEINVAL),
    close: go('lingering', 'sendDismissal', 'linger', 'dismiss'),
    abort: go('closed', 'reset', 'dismiss'),
    dialed: never,
    preface: never,
    noCommonVersion: never,
    plain: never,
    connectFrame: go('offered', 'offer'),
    acceptFrame: never,
    rejectFrame: never,
    data: never,
    disconnectFrame: never,
    resetFrame: go('closed', 'cut', 'withdraw'),
    end: go('closed', 'cut', 'withdraw'),
    lost: go('closed', 'release', 'withdraw'),
    // REJECT names the broken rule for the caller.
    violation: go('lingering', 'sendRefusal', 'linger', 'disqualify'),
    timeout: go('lingering', 'sendRefusal', 'lingerBriefly', 'expire'),
    released: go('closed', 'release', 'withdraw'),
  },
  offered: {
    ...noFrames,
    connect: refuse(WSAEINVAL),
    accept: go('open', 'sendAccept'),
    reject: go('lingering', 'sendReject', 'linger'),
    send: refuse(WSAENOTCONN),
    receive: refuse(WSAENOTCONN),
    disconnect: refuse(WSAENOTCONN),
    disconnectWithData: refuse(WSAENOTCONN),
    shutdown: refuse(WSAENOTCONN),
    close: go('lingering', 'sendDismissal', 'linger', 'dismiss'),
    abort: go('closed', 'reset', 'dismiss'),
    dialed: never,
    preface: never,
    noCommonVersion: never,
    plain: never,
    // A FIN before the verdict withdraws the request (wire format §7.2).
    end: go('closed', 'cut', 'withdraw'),
    lost: go('closed', 'release', 'withdraw'),
    // Octets after CONNECT are held undecoded until the verdict.
    violation: never,
    timeout: go('lingering', 'sendRefusal', 'lingerBriefly', 'expire'),
    released: go('closed', 'release', 'withdraw'),
  },
  open: {
    ...connected,
    send: stay(),
    disconnect: go('halfClosedLocal', 'sendLastWord'),
    disconnectWithData: go('halfClosedLocal', 'sendLastWord'),
    shutdown: go('halfClosedLocal', 'sendLastWord', 'sendFin'),
    close: go('parting', 'sendLastWord', 'part'),
    abort: go('closed', 'reset', 'indicateReleased'),
    // The peer was silent for longer than allowed (wire format §10.5).
    timeout: go('failed', 'reset', 'fail'),
    data: stay('deliver'),
    disconnectFrame: go('halfClosedRemote', 'hearLastWord'),
    resetFrame: go('failed', 'cut', 'fail'),
    end: go('finReceived', 'hearLastWord'),
    lost: failing,
    violation: complaining,
    released: failing,
  },
  halfClosedLocal: {
    ...connected,
    ...shutDown,
    shutdown: stay('sendFin'),
    close: go('parting', 'part'),
    abort: go('closed', 'reset', 'indicateReleased'),
    timeout: go('failed', 'reset', 'fail'),
    data: stay('deliver'),
    disconnectFrame: go('ended', 'sendFin', 'hearLastWord'),
    resetFrame: go('failed', 'cut', 'fail'),
    end: go('ended', 'sendFin', 'hearLastWord'),
    lost: failing,
    violation: complaining,
    released: failing,
  },
  halfClosedRemote: {
    ...connected,
    send: stay(),
    disconnect: go('answered', 'sendLastWord'),
    disconnectWithData: go('answered', 'sendLastWord'),
    shutdown: go('ended', 'sendLastWord', 'sendFin'),
    close: go('parting', 'sendLastWord', 'part'),
    abort: go('closed', 'reset', 'indicateReleased'),
    data: never,
    disconnectFrame: never,
    resetFrame: never,
    // The indication has been given already.
    end: go('finReceived'),
    lost: failing,
    violation: complaining,
    released: failing,
  },
  finReceived: {
    ...connected,
    send: stay(),
    disconnect: go('ended', 'sendLastWord', 'sendFin'),
    disconnectWithData: go('ended', 'sendLastWord', 'sendFin'),
    shutdown: go('ended', 'sendLastWord', 'sendFin'),
    close: go('lingering', 'sendLastWord', 'linger'),
    abort: go('closed', 'reset', 'indicateReleased'),
    data: never,
    disconnectFrame: never,
    resetFrame: never,
    end: never,
    lost: failing,
    violation: never,
    released: failing,
  },
  answered: {
    ...connected,
    ...shutDown,
    shutdown: go('ended', 'sendFin'),
    close: go('parting', 'part'),
    abort: go('closed', 'reset', 'indicateReleased'),
    data: never,
    disconnectFrame: never,
    resetFrame: never,
    end: go('ended', 'sendFin'),
    lost: failing,
    violation: complaining,
    released: failing,
  },
  ended: {
    ...connected,
    ...shutDown,
    shutdown: stay(),
    close: go('lingering', 'linger'),
    abort: go('closed', 'reset', 'indicateReleased'),
    data: never,
    disconnectFrame: never,
    resetFrame: never,
    end: ignore,
    lost: failing,
    violation: complaining,
    released: ignore,
  },
  failed: {
    ...connected,
    send: refuse(WSAECONNRESET),
    disconnect: refuse(WSAECONNRESET),
    disconnectWithData: refuse(WSAECONNRESET),
    shutdown: refuse(WSAECONNRESET),
    close: go('closed', 'release', 'indicateReleased'),
    abort: go('closed', 'reset', 'indicateReleased'),
    data: never,
    disconnectFrame: never,
    resetFrame: never,
    end: ignore,
    lost: ignore,
    violation: ignore,
    released: ignore,
  },
  parting: {
    ...noFrames,
    ...gone,
    abort: go('closed', 'reset', 'indicateReleased'),
    dialed: never,
    preface: never,
    noCommonVersion: never,
    plain: never,
    data: ignore,
    disconnectFrame: go('lingering', 'linger'),
    resetFrame: go('closed', 'cut', 'indicateReleased'),
    end: go('lingering', 'linger'),
    lost: go('closed', 'release', 'indicateReleased'),
    // Nobody is left to receive a report.
    violation: go('lingering', 'linger'),
    timeout: go('lingering', 'lingerBriefly'),
    released: go('closed', 'release', 'indicateReleased'),
  },
  lingering: {
    ...noFrames,
    ...gone,
    abort: go('closed', 'reset', 'indicateReleased'),
    dialed: never,
    preface: never,
    noCommonVersion: never,
    plain: never,
    end: ignore,
    lost: ignore,
    violation: never,
    timeout: never,
    released: go('closed', 'release', 'indicateReleased'),
  },
  closed: {
    ...noFrames,
    ...gone,
    abort: refuse(WSAENOTSOCK),
    dialed: ignore,
    preface: never,
    noCommonVersion: never,
    plain: never,
    end: ignore,
    lost: ignore,
    violation: ignore,
    timeout: never,
    released: ignore,
  },
};

const inputs: readonly Input[] = [...calls, ...events];

/** With its inputs in one order for all rows: V8 finds a cell by its place then. */
const inOrder = (row: Row<Input>) =>
  Object.fromEntries(inputs.map((input) => [input, row[input]])) as Row<Input>;

export const lifecycle = Object.fromEntries(
  states.map((state) => [state, inOrder(rows[state])]),
) as typeof rows;
