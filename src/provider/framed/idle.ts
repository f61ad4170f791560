import { LEAST_IDLE_TIMEOUT } from '../../vocabulary/limits.js';
import type { FrameTransport } from './transport.js';
import { FrameType } from './wire.js';

/** The connection whose silence is watched (wire format §10.5). */
export interface Idling {
  /** Octets received: a number that changes with each. */
  readonly received: number;
  readonly isPaused: boolean;
  /** The number of pauses. */
  readonly pauses: number;
  /** The peer's last frame is still to come. */
  readonly isHearing: boolean;
  /** Ours is still to be sent. */
  readonly isSpeaking: boolean;
  /** The peer has been silent for the whole limit. */
  onSilence(): void;
}

/** Checks a connection at intervals, rather than at each octet. */
class Looks {
  readonly #idling: Idling;
  #received: number;
  #pauses: number;

  constructor(idling: Idling) {
    this.#idling = idling;
    this.#received = idling.received;
    this.#pauses = idling.pauses;
  }

  /** Activity since the last check. */
  look(): { came: boolean; paused: boolean } {
    const { received, isPaused, pauses } = this.#idling;
    const came = received !== this.#received;
    const paused = isPaused || pauses !== this.#pauses;
    this.#received = received;
    this.#pauses = pauses;
    return { came, paused };
  }
}

/** Checks within an idle limit; after half of them the peer is asked. */
const LOOKS = 4;

/** Asks a silent peer, and then gives up the connection. */
class Watch {
  readonly #idling: Idling;
  readonly #signs: Signs;
  readonly #looks: Looks;
  readonly #timer: NodeJS.Timeout;
  #turn: NodeJS.Immediate | undefined;
  /** Consecutive checks without activity. */
  #silent = 0;

  constructor(idling: Idling, signs: Signs, milliseconds: number) {
    this.#idling = idling;
    this.#signs = signs;
    this.#looks = new Looks(idling);
    this.#timer = setTimeout(look, milliseconds / LOOKS, this).unref();
  }

  look(): void {
    if (!this.#idling.isHearing) return;
    const { came, paused } = this.#looks.look();
    this.#silent = came || paused ? 0 : this.#silent + 1;
    if (this.#silent === LOOKS / 2) this.#signs.ask();
    if (this.#silent < LOOKS) {
      this.#timer.refresh();
    } else {
      // If this process was busy, the system may have input: an immediate runs
      // after it is delivered.
      this.#turn = setImmediate(lookOnce, this);
    }
  }

  lookOnce(): void {
    if (!this.#idling.isHearing) return;
    const { came, paused } = this.#looks.look();
    if (came || paused) {
      this.#silent = 0;
      this.#timer.refresh();
    } else {
      this.#idling.onSilence();
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
  }
}

/** Sends a peer with a limit a sign of life when it cannot rely on asking. */
class Beat {
  readonly #idling: Idling;
  readonly #signs: Signs;
  readonly #looks: Looks;
  readonly #timer: NodeJS.Timeout;

  constructor(idling: Idling, signs: Signs, milliseconds: number) {
    this.#idling = idling;
    this.#signs = signs;
    this.#looks = new Looks(idling);
    const third = Math.max(milliseconds, LEAST_IDLE_TIMEOUT) / 3;
    this.#timer = setTimeout(beat, third, this).unref();
  }

  beat(): void {
    if (!this.#idling.isSpeaking) return;
    const { came, paused } = this.#looks.look();
    if (came || paused || !this.#idling.isHearing) this.#signs.show();
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/**
 * Sends PING and PONG. At most one of each waits to be sent, however many arrive
 * and however slowly the peer reads.
 */
export class Signs {
  readonly #idling: Pick<Idling, 'isSpeaking'>;
  readonly #transport: FrameTransport;
  #isAsking = false;
  #isAnswering = false;
  /** The payload of the PONG that is due. */
  #answer: Uint8Array | undefined;

  constructor(idling: Pick<Idling, 'isSpeaking'>, transport: FrameTransport) {
    this.#idling = idling;
    this.#transport = transport;
  }

  ask(): void {
    if (this.#isAsking || !this.#idling.isSpeaking) return;
    this.#isAsking = !this.#transport.sendFrame(FrameType.PING, NOTHING, () => {
      this.#isAsking = false;
    });
  }

  /** An unsolicited answer. */
  show(): void {
    if (!this.#isAnswering && !this.#answer) this.answer(NOTHING);
  }

  /** Answers only the last of several in a row. */
  answer(payload: Uint8Array): void {
    const isDue = this.#answer !== undefined;
    this.#answer = payload;
    if (!isDue && !this.#isAnswering) process.nextTick(flush, this);
  }

  flush(): void {
    const answer = this.#answer;
    this.#answer = undefined;
    if (!answer || !this.#idling.isSpeaking) return;
    this.#isAnswering = !this.#transport.sendFrame(
      FrameType.PONG,
      answer,
      () => {
        this.#isAnswering = false;
        this.flush();
      },
    );
  }
}

/** The clocks of a connection with an idle limit on either side. */
export class IdleClock {
  readonly #watch: Watch | undefined;
  readonly #beat: Beat | undefined;

  /**
   * @param own the idle limit of this side in milliseconds; 0: none.
   * @param peers the peer's.
   */
  constructor(idling: Idling, signs: Signs, own: number, peers: number) {
    this.#watch = own > 0 ? new Watch(idling, signs, own) : undefined;
    this.#beat = peers > 0 ? new Beat(idling, signs, peers) : undefined;
  }

  stop(): void {
    this.#watch?.stop();
    this.#beat?.stop();
  }
}

function look(watch: Watch): void {
  watch.look();
}

function lookOnce(watch: Watch): void {
  watch.lookOnce();
}

function beat(one: Beat): void {
  one.beat();
}

function flush(signs: Signs): void {
  signs.flush();
}

const NOTHING = new Uint8Array(0);
