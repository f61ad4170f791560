// Longer than other files: there is a method for each call, event and action of
// the lifecycle table, and they share a connection's state.

import type { Duplex } from 'node:stream';
import {
  WSA_IO_PENDING,
  WSAECONNRESET,
  WSAEFAULT,
  WSAEMSGSIZE,
  WSAENOPROTOOPT,
  WSAEOPNOTSUPP,
  WSAETIMEDOUT,
  WSAEWOULDBLOCK,
  type Status,
} from '../../vocabulary/error-codes.js';
import { SOCK_SEQPACKET } from '../../vocabulary/constants.js';
import { Inbox, type InboxHost } from '../inbox.js';
import {
  noConnectData,
  type Address,
  type ConnectData,
  type ConnectionOwner,
  type ConnectParameters,
  type ConnectTarget,
  type DisconnectExtras,
  type Done,
  type Failure,
  type ProviderConnection,
  type ProviderMedium,
  type SocketOptions,
  type Verdict,
} from '../provider.js';
import {
  encodeFields,
  isViolation,
  type Fields,
  type Limits,
} from './fields.js';
import { decodeFrameFields } from './frame-fields.js';
import { Callee, type Home } from './handshake/callee.js';
import { Caller } from './handshake/caller.js';
import type { Handshake } from './handshake/handshake.js';
import { acceptPayload, canServe, fitsConnect } from './handshake/payloads.js';
import { failureOfReject, failureOfViolation } from './handshake/refusal.js';
import type { Requested } from './handshake/request.js';
import {
  calleeStart,
  callerStart,
  lifecycle,
  type Action,
  type Cell,
  type State,
} from './lifecycle.js';
import { Ending, type EndingHost } from './ending.js';
import {
  connectedToItself,
  failureOfLoss,
  failureOfReset,
  failureOfSilence,
  failureOfSocketType,
  isSelf,
  resetByPeer,
  unanswered,
} from './failures.js';
import { IdleClock, Signs, type Idling } from './idle.js';
import { FramedMedium } from './medium.js';
import { noTransport } from './no-transport.js';
import {
  timeLeft,
  type Handshake as Handshaking,
  type Place,
} from './places.js';
import { connectDataOf, extrasOf, some } from './said.js';
import { sendData, sendMessages } from './send-data.js';
import { transportOptions } from './transport-options.js';
import type { DialTransport, FrameSink, FrameTransport } from './transport.js';
import type { Violation } from './violation.js';
import {
  FrameType,
  MAX_FRAME_PAYLOAD,
  MAX_VERSION,
  MIN_VERSION,
  Role,
} from './wire.js';

/**
 * A connection of the framed provider: it feeds the lifecycle table with its
 * owner's calls and its transport's events, and carries out the table's
 * actions. The table alone decides what is allowed when.
 */
export class FramedConnection
  implements
    ProviderConnection,
    FrameSink,
    InboxHost,
    Handshaking,
    Requested,
    Idling,
    EndingHost
{
  owner: ConnectionOwner | undefined;

  connectData: ConnectData = noConnectData;
  disconnectExtras: DisconnectExtras | undefined;
  receivedExtras: DisconnectExtras | undefined;
  failure: Failure | undefined;
  framed = true;
  /** Where an incoming connection waits until it has a verdict. */
  place: Place | undefined;
  /** The peer speaks framing, in our version: it may be sent frames. */
  prefaceSeen = false;

  readonly options: Readonly<SocketOptions>;
  readonly inbox: Inbox;
  readonly #dial: DialTransport;
  /** A send would have blocked; its caller waits. */
  #sendRefused = false;
  /** The last word's `done` has yet to be called. */
  #lastWordPending = false;

  #state: State = callerStart;
  /** Its cells, by input. */
  #cells = lifecycle[callerStart];
  /** The transport has released everything. */
  #isReleased = false;
  #transport = noTransport;
  /** From connect until the connection is open. */
  #caller: Caller | undefined;
  /** From its arrival until it has a verdict. */
  #callee: Callee<this> | undefined;
  /** An incoming connection's transport: keeps the caller's name to the end. */
  #named: FrameTransport | undefined;

  /** Octets of disconnect data, and of a message, that the peer takes. */
  #disconnectLimit = 0;
  #messageLimit = 0;
  /** The peer's idle limit; `undefined`: it has announced none. */
  #peersIdleLimit: number | undefined;
  #idle: IdleClock | undefined;
  #signs: Signs | undefined;
  /** Reading has stopped: received data waits for the application. */
  isPaused = false;
  pauses = 0;
  /** Present once the connection begins to end. */
  #ending: Ending | undefined;

  constructor(options: Readonly<SocketOptions>, dial: DialTransport) {
    this.options = options;
    this.#dial = dial;
    this.inbox = new Inbox(this, this.#messageOriented, options.receiveBuffer);
  }

  get #messageOriented(): boolean {
    return this.options.socketType === SOCK_SEQPACKET;
  }

  // -- setup, as a caller ---------------------------------------------------

  connect(target: ConnectTarget, parameters: ConnectParameters): Status {
    if (!fitsConnect(parameters)) return WSAEFAULT;
    if (!canServe(parameters.sqos)) return WSAEOPNOTSUPP;
    if (this.#cells.connect.status === 0) {
      this.#caller = new Caller(target, parameters, this.options);
      this.failure = undefined;
      this.prefaceSeen = false;
      this.#ending = undefined;
      this.#peersIdleLimit = undefined;
    }
    return this.#step(this.#cells.connect) || WSAEWOULDBLOCK;
  }

  // -- setup, as a callee ---------------------------------------------------

  /** A connection has come in at `home`; its caller is to speak first. */
  answer(home: Home<this>, transport: FrameTransport): void {
    this.#callee = new Callee(this, this.options, home);
    this.#transport = transport;
    this.#named = transport;
    this.#enter(calleeStart);
    this.#startTimer(
      this.#callee,
      timeLeft(this.place, this.options.handshakeTimeout),
    );
  }

  /** Ends a handshake at once: another one needs its place. */
  giveWay(): void {
    // Sending a reason would take a while.
    this.#leaving.isSaid = true;
    this.#step(this.#cells.abort);
  }

  /** Carries out a verdict; if that fails, the request stays. */
  decide(verdict: Verdict, accepts: boolean): Status {
    const failed = this.#callee?.decide(verdict);
    const { accept, reject } = this.#cells;
    return failed || this.#step(accepts ? accept : reject);
  }

  // -- data -----------------------------------------------------------------

  send(
    data: Uint8Array | readonly Uint8Array[],
    done?: Done,
    isLast = false,
  ): Status {
    const status = this.#maySend(isLast);
    if (status !== 0) return status;
    const form = this.#messageOriented ? 'messages' : 'stream';
    return sendData(
      this.#transport,
      this.framed ? form : 'plain',
      data,
      this.#messageLimit,
      done,
    );
  }

  sendMessages(messages: readonly Uint8Array[], done: Done): Status {
    // A plain peer has none.
    return (
      this.#maySend(false) || sendMessages(this.#transport, messages, done)
    );
  }

  #maySend(isLast: boolean): Status {
    const status = this.#step(this.#cells.send);
    if (status !== 0 || isLast) return status;
    const transport = this.#transport;
    // A medium may take more than that before it has anything to drain.
    if (transport.unsent < this.options.sendBuffer || !transport.willDrain) {
      return 0;
    }
    this.#sendRefused = true;
    return WSAEWOULDBLOCK;
  }

  get unsent(): number {
    return this.#transport.unsent;
  }

  get outstanding(): number {
    return this.#transport.outstanding;
  }

  get messageLimit(): number {
    return this.#messageLimit;
  }

  // -- teardown -------------------------------------------------------------

  get lingerTimeout(): number {
    return this.options.lingerTimeout;
  }

  get carriesCodes(): boolean {
    return this.framed;
  }

  get disconnectDataLimit(): number {
    return this.#disconnectLimit;
  }

  sendDisconnect(data: Uint8Array | undefined, done?: Done): Status {
    const length = data?.length ?? 0;
    if (this.#cells.disconnectWithData.status === 0) {
      if (length > 0 && !this.framed) return WSAENOPROTOOPT;
      if (length > this.disconnectDataLimit) return WSAEMSGSIZE;
    }
    this.#lastWordPending = false;
    const status =
      length > 0
        ? this.#step(this.#cells.disconnectWithData, data, done)
        : this.#step(this.#cells.disconnect, undefined, done);
    return status === 0 && this.#lastWordPending ? WSA_IO_PENDING : status;
  }

  sendNotice(data: Uint8Array | undefined, code: number | undefined): Status {
    const status = this.#step(this.#cells.send);
    if (status !== 0) return status;
    if (!this.framed) return WSAENOPROTOOPT;
    if ((data?.length ?? 0) > this.#disconnectLimit) return WSAEMSGSIZE;
    const payload = encodeFields({ userData: data, code });
    this.#transport.sendFrame(FrameType.NOTICE, payload);
    return 0;
  }

  shutdownSend(): Status {
    return this.#step(this.#cells.shutdown);
  }

  close(linger?: number, code?: number): Status {
    this.inbox.discard();
    if (code !== undefined) {
      this.failure = { status: WSAECONNRESET, resetCode: code };
    }
    this.#leaving.setLinger(linger);
    const { abort, close } = this.#cells;
    return this.#step(linger === 0 ? abort : close);
  }

  // -- events of the transport ----------------------------------------------

  onDialed(): void {
    this.#step(this.#cells.dialed);
  }

  onPreface(min: number, max: number): void {
    const broken = (this.#caller ?? this.#callee)?.hear({ min, max });
    if (!broken) {
      this.prefaceSeen = true;
      this.#step(this.#cells.preface);
    } else if (this.#callee) {
      this.#failBy(broken);
      this.#step(this.#cells.noCommonVersion);
    } else {
      this.onViolation(broken);
    }
  }

  onPlain(): void {
    this.framed = false;
    this.#callee?.request(false);
    this.#step(this.#cells.plain);
  }

  onFrame(type: number, payload: Uint8Array): void {
    if (type === FrameType.PING) {
      if (this.isSpeaking) this.#signsOf().answer(payload);
      return;
    }
    // Its arrival is all that matters.
    if (type === FrameType.PONG) return;
    const fields = decodeFrameFields(type, payload, this.#userDataLimit(type));
    if (isViolation(fields)) {
      this.onViolation(fields);
      return;
    }
    switch (type) {
      case FrameType.CONNECT:
        return this.#onConnectFrame(fields);
      case FrameType.ACCEPT:
        return this.#onAcceptFrame(fields);
      case FrameType.REJECT:
        this.failure = failureOfReject(fields);
        this.#step(this.#cells.rejectFrame);
        return;
      case FrameType.DISCONNECT:
        this.receivedExtras = extrasOf(fields);
        this.#step(this.#cells.disconnectFrame, some(fields.userData));
        return;
      case FrameType.NOTICE:
        this.owner?.onNotice(some(fields.userData), fields.code);
        return;
      default:
        this.failure = failureOfReset(fields);
        this.#step(this.#cells.resetFrame);
    }
  }

  /** The limit of user data that this side accepts in a frame of a type. */
  #userDataLimit(type: number): number {
    return type === FrameType.ACCEPT || type === FrameType.REJECT
      ? (this.#caller?.parameters.calleeDataLimit ?? 0)
      : this.options.userDataLimit;
  }

  onData(data: Uint8Array): void {
    this.#step(this.#cells.data, data);
  }

  onEnd(): void {
    if (this.#isUnanswered) this.failure = unanswered;
    this.#step(this.#cells.end);
  }

  get #isUnanswered(): boolean {
    return this.#caller?.isAnswered === false;
  }

  onViolation(broken: Violation): void {
    if (broken.name === 'cut' && this.options.allowBareFin) {
      this.onEnd();
      return;
    }
    if (
      broken.name === 'bad-role' &&
      isSelf(this.localAddress, this.remoteAddress)
    ) {
      this.failure = connectedToItself;
    } else {
      this.#failBy(broken);
    }
    this.#step(this.#cells.violation);
  }

  onLost(cause: Error | undefined): void {
    this.failure = failureOfLoss(cause, this.#isUnanswered);
    this.#step(this.#cells.lost);
  }

  onDrain(): void {
    if (!this.#sendRefused) return;
    this.#sendRefused = false;
    this.owner?.onWritable();
  }

  onReleased(): void {
    this.#isReleased = true;
    this.#step(this.#cells.released);
  }

  #onConnectFrame(fields: Fields): void {
    const callee = this.#callee;
    if (callee) callee.calleeDataLimit = fields.limits?.handshakeData ?? 0;
    this.#heedLimits(fields.limits);
    this.#peersIdleLimit = fields.idleLimit;
    if (fields.socketType !== this.options.socketType) {
      this.failure = failureOfSocketType(fields.socketType, this.options);
      this.#step(this.#cells.violation);
      return;
    }
    this.connectData = connectDataOf(fields, undefined, fields.qos);
    callee?.request(true);
    this.#step(this.#cells.connectFrame);
  }

  #onAcceptFrame(fields: Fields): void {
    this.#heedLimits(fields.limits);
    this.#peersIdleLimit = fields.idleLimit;
    const sqos = fields.qos ?? this.#caller?.parameters.sqos;
    this.connectData = connectDataOf(undefined, fields, sqos);
    if (sqos) this.#transport.shape(sqos.sending);
    this.#step(this.#cells.acceptFrame);
  }

  #heedLimits(limits: Limits | undefined): void {
    this.#disconnectLimit = limits?.disconnectData ?? 0;
    this.#messageLimit = Math.min(limits?.message ?? 0, MAX_FRAME_PAYLOAD);
  }

  #failBy(broken: Violation): void {
    this.failure = failureOfViolation(
      broken,
      this.#callee?.isRequested === false,
    );
  }

  // -- carrying out the table -----------------------------------------------

  #enter(state: State): void {
    this.#state = state;
    this.#cells = lifecycle[state];
  }

  /**
   * @param cell the present state's, for an input.
   * @param octets of the input: data, or a last word.
   */
  #step(cell: Cell, octets?: Uint8Array, done?: Done): Status {
    if (cell.to) this.#enter(cell.to);
    for (const action of cell.actions) this.#perform(action, octets, done);
    return cell.status;
  }

  #perform(
    action: Action,
    octets: Uint8Array | undefined,
    done: Done | undefined,
  ): void {
    switch (action) {
      case 'dial':
        this.#dialCallee();
        return;
      case 'call':
        this.#transport.sendPreface(Role.caller, MIN_VERSION, MAX_VERSION);
        if (this.#caller) {
          this.#transport.sendFrame(FrameType.CONNECT, this.#caller.payload);
        }
        return;
      case 'greet':
        if (this.#callee) {
          const { min, max } = this.#callee.versions;
          this.#transport.sendPreface(Role.callee, min, max);
        }
        return;
      case 'offer':
        this.#offer();
        return;
      case 'sendAccept':
        this.#sendAccept();
        return;
      case 'sendReject':
        this.#sendReject(this.#callee?.rejection);
        return;
      case 'sendRefusal':
        this.#sendReject(this.#callee?.refusal(this.#cause));
        return;
      case 'sendDismissal':
        this.#sendReject(this.#callee?.dismissal);
        return;
      case 'indicateConnected':
        this.#endSetup();
        this.owner?.onConnected();
        return;
      case 'indicateRefused':
        this.#stopTimer();
        this.owner?.onConnectFailed(this.#cause);
        return;
      case 'withdraw':
        this.#callee?.withdraw();
        return;
      case 'expire':
        this.#callee?.expire();
        return;
      case 'disqualify':
        this.#callee?.disqualify();
        return;
      case 'dismiss':
        this.#callee?.dismiss();
        return;
      case 'deliver':
        if (octets) this.inbox.deliver(octets);
        return;
      case 'sendLastWord':
        this.#sendLastWord(octets, done);
        return;
      case 'sendFin':
        this.#transport.sendFin();
        return;
      case 'hearLastWord':
        this.inbox.hearClose(0, octets);
        return;
      case 'fail':
        this.failure = this.#cause;
        // A silent peer has not reset it (contract row 7).
        this.inbox.hearClose(
          this.#cause.status === WSAETIMEDOUT ? WSAETIMEDOUT : WSAECONNRESET,
        );
        return;
      case 'part':
        this.#idle?.stop();
        this.#leaving.part();
        return;
      case 'linger':
        this.#stopTimer();
        // Both ends were done before the close.
        if (this.#isReleased) this.#step(this.#cells.released);
        else this.#leaving.linger();
        return;
      case 'lingerBriefly':
        this.#stopTimer();
        if (this.#isReleased) this.#step(this.#cells.released);
        else this.#leaving.lingerBriefly();
        return;
      case 'leave':
        this.#stopTimer();
        if (!this.#isReleased) this.#leaving.linger();
        this.#forgetTransport();
        return;
      case 'complain':
        this.#leaving.sayReset();
        this.#stopTimer();
        if (!this.#isReleased) this.#leaving.lingerBriefly();
        this.#forgetTransport();
        return;
      case 'reset':
        this.#stopTimer();
        this.#leaving.reset(this.#isReleased);
        this.#forgetTransport();
        return;
      case 'cut':
        this.#stopTimer();
        this.#transport.reset(WSAECONNRESET);
        this.#forgetTransport();
        return;
      case 'release':
        this.#stopTimer();
        this.#forgetTransport();
        return;
      case 'indicateReleased':
        this.owner?.onReleased();
        this.owner = undefined;
        return;
      case 'never':
        assertNever(this.#state);
        return;
    }
  }

  #dialCallee(): void {
    const caller = this.#caller;
    if (!caller) return;
    this.#startTimer(caller, this.options.connectTimeout);
    this.#transport = this.#dial(
      caller.target,
      this,
      transportOptions(this.options, Role.callee, caller.parameters),
    );
  }

  #offer(): void {
    const callee = this.#callee;
    this.#transport.hold();
    try {
      callee?.offer();
    } finally {
      // Most verdicts are given by now, and need no clock.
      this.#startTimer(callee, this.options.deferTimeout);
    }
  }

  #sendAccept(): void {
    const transport = this.#transport;
    if (this.framed && this.#callee) {
      const { verdict } = this.#callee;
      const { callerData, callerOptions } = this.connectData;
      const sqos = verdict.sqos ?? this.connectData.sqos;
      this.connectData = connectDataOf(
        { userData: callerData, userOptions: callerOptions },
        { userData: verdict.data, userOptions: verdict.options },
        sqos,
      );
      // In the caller's view, its receiving direction is sent here.
      if (sqos) transport.shape(sqos.receiving);
      transport.sendFrame(
        FrameType.ACCEPT,
        acceptPayload(
          this.options,
          verdict,
          this.#peersIdleLimit !== undefined,
        ),
      );
    }
    this.#endSetup();
    // Not before the accepting side has the socket and has set its owner.
    process.nextTick(release, transport);
  }

  /** The connection is open. */
  #endSetup(): void {
    this.#stopTimer();
    this.#caller = undefined;
    this.#callee = undefined;
    const peers = this.#peersIdleLimit;
    const own = this.idleLimit;
    if (peers !== undefined && peers + own > 0) {
      this.#idle = new IdleClock(this, this.#signsOf(), own, peers);
    }
  }

  #sendReject(fields: Fields | undefined): void {
    this.#stopTimer();
    if (this.framed && fields) this.#leaving.reject(fields);
  }

  /** The failure; without more detail, a reset. */
  get #cause(): Failure {
    this.failure ??= resetByPeer;
    return this.failure;
  }

  #sendLastWord(data: Uint8Array | undefined, done: Done | undefined): void {
    this.#leaving.isSaid = true;
    const transport = this.#transport;
    let isSent: boolean;
    if (this.framed) {
      const payload = encodeFields({
        userData: data,
        userOptions: this.disconnectExtras?.options,
        code: this.disconnectExtras?.code,
      });
      const { DISCONNECT } = FrameType;
      this.#leaving.hasWord = payload.length > 0;
      isSent = this.options.eagerFin
        ? transport.sendLastFrame(DISCONNECT, payload, done)
        : transport.sendFrame(DISCONNECT, payload, done);
    } else {
      isSent = transport.sendFin(done);
    }
    this.#lastWordPending = done !== undefined && !isSent;
  }

  get #leaving(): Ending {
    return (this.#ending ??= new Ending(this));
  }

  get transport(): FrameTransport {
    return this.#transport;
  }

  /** It may outlive its use here; its later events are ignored. */
  #forgetTransport(): void {
    this.#transport.detach();
    this.#transport = noTransport;
  }

  #startTimer(handshake: Handshake | undefined, milliseconds: number): void {
    handshake?.startTimer(milliseconds, this);
  }

  #stopTimer(): void {
    this.#caller?.stopTimer();
    this.#callee?.stopTimer();
    this.#ending?.stopTimer();
    this.#idle?.stop();
  }

  /** The clock has run out. */
  onTimeout(): void {
    const handshake = this.#caller ?? this.#callee;
    if (handshake) this.failure = handshake.overdue;
    this.#step(this.#cells.timeout);
  }

  // -- silence --------------------------------------------------------------

  get idleLimit(): number {
    return this.#peersIdleLimit === undefined ? 0 : this.options.idleTimeout;
  }

  get received(): number {
    return this.#transport.received;
  }

  get isHearing(): boolean {
    return this.#state === 'open' || this.#state === 'halfClosedLocal';
  }

  get isSpeaking(): boolean {
    return this.#state === 'open' || this.#state === 'halfClosedRemote';
  }

  #signsOf(): Signs {
    return (this.#signs ??= new Signs(this, this.#transport));
  }

  onSilence(): void {
    this.failure = failureOfSilence(this.options);
    this.#step(this.#cells.timeout);
  }

  // -- requests of the inbox --------------------------------------------------

  get receiveStatus(): Status {
    return this.#cells.receive.status;
  }

  onReadable(): void {
    this.owner?.onReadable();
  }

  onClosed(status: Status): void {
    this.owner?.onClosed(status);
  }

  pauseTransport(): void {
    this.isPaused = true;
    this.pauses++;
    this.#transport.pause();
  }

  resumeTransport(): void {
    this.isPaused = false;
    this.#transport.resume();
  }

  // -- the medium -----------------------------------------------------------

  get localAddress(): Address | undefined {
    return this.#transport.localAddress;
  }

  get remoteAddress(): Address | undefined {
    return (this.#named ?? this.#transport).remoteAddress;
  }

  get stream(): Duplex | undefined {
    return this.#transport.stream;
  }

  get medium(): ProviderMedium {
    return new FramedMedium(this.#transport);
  }

  ref(): void {
    this.#transport.ref();
  }

  unref(): void {
    this.#transport.unref();
  }
}

/** @throws in tests; elsewhere the input is dropped. */
function assertNever(state: State): void {
  if (process.env['GOODBYTE_ASSERT']) {
    throw new Error(`the lifecycle has no such input in its state "${state}"`);
  }
}

function release(transport: FrameTransport): void {
  transport.release();
}
