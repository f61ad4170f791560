// Longer than other files: it has the steps of each possible event, for either
// subject.

import { readFileSync } from 'node:fs';
import { packageFile } from '../package-file.js';
import { findClause } from './clauses.js';
import type {
  Capability,
  DataSpec,
  Expectation,
  IndicationCount,
  Scenario,
  SocketType,
  Step,
} from './types.js';

/** One event of a behaviour vector, as its schema describes it. */
export type Happening =
  | { peer: 'sends'; hex: string; times?: number }
  | { peer: 'ends' | 'resets' | 'hears nothing' }
  | { peer: 'hears'; frames: string[]; end?: 'fin' | 'any' }
  | ({ subject: string; hex?: string; error?: Expectation['error'] } & Codes)
  | ({ told: string; hex?: string; error?: Expectation['error'] } & Codes);

/** The number sent, or reported, beside data; `null`: no number is reported. */
interface Codes {
  code?: number | null;
  mayRepeat?: boolean | null;
}

/** A case of `conformance/vectors/behaviour/`. */
export interface Behaviour {
  id: string;
  description: string;
  section: string;
  /** The clause that it checks. */
  clause: string;
  mode?: SocketType;
  limits?: { userData?: number; message?: number; idle?: number };
  /** For sides that announce IDLE_LIMIT. */
  signs?: true;
  /** For sides whose applications send and receive codes, or notices. */
  codes?: true;
  notices?: true;
  allowPlain?: true;
  steps: Happening[];
}

export interface BehaviourFile {
  subject: 'caller' | 'callee';
  title: string;
  cases: Behaviour[];
}

/** The side whose behaviour the vectors describe. */
export const subjects = ['callee', 'caller'] as const;

export function loadBehaviour(subject: (typeof subjects)[number]) {
  const file = packageFile(
    'conformance',
    'vectors',
    'behaviour',
    `${subject}.json`,
  );
  return JSON.parse(readFileSync(file, 'utf8')) as BehaviourFile;
}

/** The scenario of one vector. */
interface Play {
  one: Behaviour;
  subject: BehaviourFile['subject'];
  steps: Step[];
  indications: IndicationCount[];
}

/**
 * The behaviour vectors as scenarios, in which a raw peer plays against an
 * agent of any implementation: one scenario for all vectors of a side that need
 * the same capabilities.
 */
export function behaviourScenarios(): Scenario[] {
  const groups = new Map<string, Play[]>();
  for (const subject of subjects) {
    const playOf = subject === 'callee' ? calleePlay : callerPlay;
    for (const one of loadBehaviour(subject).cases) {
      const id = [
        `wire-behaviour/${subject}`,
        ...(one.mode === 'message' ? ['messages'] : []),
        ...(one.signs ? ['signs'] : []),
        ...(one.codes ? ['codes'] : []),
        ...(one.notices ? ['notices'] : []),
        ...(one.limits ? ['limits'] : []),
        ...(one.allowPlain ? ['plain'] : []),
      ].join('-');
      groups.set(id, [...(groups.get(id) ?? []), playOf(one)]);
    }
  }
  return [...groups].map(([id, plays]) => scenarioOf(id, plays));
}

function scenarioOf(id: string, plays: readonly Play[]): Scenario {
  const { one, subject } = plays[0]!;
  const clauses = [...new Set(plays.map((play) => play.one.clause))];
  return {
    id,
    title: `The behaviour vectors of a ${subject}`,
    clause: findClause(one.clause),
    clauses,
    level: 'MUST',
    requires: needsOf(one, subject),
    ...(one.mode && { socketType: one.mode }),
    matrix: { vector: plays.map((play) => play.one.id) },
    sequential: true,
    steps: plays.flatMap((play) => {
      const { id: vector, clause } = play.one;
      const only = { vector: [vector] };
      return play.steps.map((step) => ({
        ...step,
        id: `${vector}.${step.id}`,
        ...(step.with?.['to'] !== undefined && {
          with: { ...step.with, to: `${vector}.${step.with['to'] as string}` },
        }),
        ...(step.expect && { clause: findClause(clause) }),
        only,
      }));
    }),
    indications: plays.flatMap(({ one: { id: vector }, indications }) =>
      indications.map((count) => ({ ...count, only: { vector: [vector] } })),
    ),
  };
}

const octets = (hex = ''): DataSpec => ({ hex });

/** The members of a vector's step. */
function codesOf({ code, mayRepeat }: Codes): Codes {
  return {
    ...(code !== undefined && { code }),
    ...(mayRepeat !== undefined && { mayRepeat }),
  };
}

/** Steps in the order in which they are added, each with its own id. */
class Steps {
  readonly all: Step[] = [];

  add(
    agent: Step['agent'],
    call: string,
    given: Record<string, unknown>,
    expect?: Expectation,
  ): string {
    const id = `${this.all.length + 1}`;
    this.all.push({ id, agent, call, with: given, ...(expect && { expect }) });
    return id;
  }

  /** Adds steps for the peer's actions and for the frames that it receives. */
  peer(step: Extract<Happening, { peer: string }>, quiet: () => void): void {
    const socket = 'p';
    switch (step.peer) {
      case 'sends':
        this.add(
          'peer',
          'plain.send',
          { socket, data: octets(step.hex), times: step.times ?? 1 },
          { error: 'any' },
        );
        return;
      case 'ends':
        this.add('peer', 'plain.end', { socket });
        return;
      case 'resets':
        this.add('peer', 'plain.reset', { socket });
        return;
      case 'hears nothing':
        quiet();
        this.add(
          'peer',
          'plain.receive',
          { socket, until: 'now', frames: true },
          { frames: [], value: false },
        );
        return;
      case 'hears': {
        const { frames, end } = step;
        const until = end ? { until: 'end' } : { until: 'frames' };
        this.add(
          'peer',
          'plain.receive',
          { socket, ...until, count: frames.length, frames: true },
          { frames, error: end === 'any' ? 'any' : null },
        );
      }
    }
  }

  /** Adds the calls that the subject's application makes while connected. */
  subject(
    agent: Step['agent'],
    step: Extract<Happening, { subject: string }>,
  ): void {
    const { subject, hex, error = null } = step;
    const socket = 'a';
    const data = hex === undefined ? {} : { data: octets(hex) };
    const said = { socket, ...data, ...codesOf(step) };
    switch (subject) {
      case 'sends':
        this.add(agent, 'WSASend', { socket, ...data }, { error });
        return;
      case 'disconnects':
        this.add(agent, 'WSASendDisconnect', said, { error });
        return;
      case 'notifies':
        this.add(agent, 'notice.send', said, { error });
        return;
      case 'closes':
        this.add(agent, 'closesocket', { socket }, { error });
        return;
      case 'aborts':
        this.add(agent, 'setsockopt', {
          socket,
          option: 'SO_LINGER',
          value: 0,
        });
        this.add(agent, 'closesocket', said, { error });
        return;
      default:
        throw new RangeError(`no application ${subject}`);
    }
  }

  /** Adds the indications that it receives while connected. */
  told(agent: Step['agent'], step: Extract<Happening, { told: string }>): void {
    const { told, hex = '', error } = step;
    const data = hex === '' ? null : octets(hex);
    const socket = 'a';
    const wait = (status: Expectation['error'], codes: Codes = {}) =>
      this.add(
        agent,
        'WSAWaitForMultipleEvents',
        { socket, event: 'FD_CLOSE' },
        { error: status ?? null, ...codes },
      );
    switch (told) {
      case 'data':
      case 'message':
        this.add(
          agent,
          'WSARecv*',
          { socket, until: hex.length / 2 },
          told === 'data' ? { data: octets(hex) } : { messages: [octets(hex)] },
        );
        return;
      case 'graceful':
        wait(null);
        this.add(
          agent,
          'WSARecvDisconnect',
          { socket },
          { data, ...codesOf(step) },
        );
        return;
      case 'abortive':
        wait(error ?? 'WSAECONNRESET', codesOf(step));
        return;
      case 'notice':
        this.add(
          agent,
          'notice.receive',
          { socket },
          { data, ...codesOf(step) },
        );
        return;
      default:
        throw new RangeError(`nobody is told ${told}`);
    }
  }
}

function calleePlay(one: Behaviour): Play {
  const steps = new Steps();
  const [agent, listener] = ['server', 'listener'] as const;
  const listening = steps.add(agent, 'listen', {
    socket: listener,
    options: optionsOf(one),
  });
  steps.add('peer', 'plain.connect', { socket: 'p', to: listening });
  let served = 0;
  /** An honest caller comes and is served, which also rules out timing. */
  const serve = () => {
    served++;
    const socket = `h${served}`;
    steps.add(
      'client',
      'WSAConnect',
      { socket, to: listening },
      { error: 'WSAEWOULDBLOCK' },
    );
    steps.add(agent, 'WSAAccept', { listener, socket });
    steps.add('client', 'WSAWaitForMultipleEvents', {
      socket,
      event: 'FD_CONNECT',
    });
  };
  const accept = (
    verdict: string,
    expect: Expectation,
    rest: Record<string, unknown> = {},
    hex?: string,
    codes: Codes = {},
  ) =>
    steps.add(
      agent,
      'WSAAccept',
      {
        listener,
        socket: 'a',
        condition: {
          verdict,
          ...(hex !== undefined && { data: octets(hex) }),
          ...codes,
        },
        ...rest,
      },
      expect,
    );
  for (const step of one.steps) {
    if ('peer' in step) {
      steps.peer(step, serve);
    } else if ('subject' in step) {
      if (step.subject === 'accepts') accept('CF_ACCEPT', {}, {}, step.hex);
      else if (step.subject === 'rejects')
        accept(
          'CF_REJECT',
          { error: 'WSAECONNREFUSED' },
          {},
          step.hex,
          codesOf(step),
        );
      else if (step.subject === 'defers')
        accept('CF_DEFER', { error: 'WSATRY_AGAIN' });
      else steps.subject(agent, step);
    } else if (step.told === 'request') {
      steps.add(agent, 'WSAWaitForMultipleEvents', {
        socket: listener,
        event: 'FD_ACCEPT',
      });
    } else if (step.told === 'withdrawn') {
      accept('CF_DEFER', { error: 'WSAECONNRESET' }, { repeat: true });
    } else {
      steps.told(agent, step);
    }
  }
  serve();
  const requests = one.steps.filter(
    (step) => 'told' in step && step.told === 'request',
  );
  return {
    one,
    subject: 'callee',
    steps: steps.all,
    indications: [
      ...closesOf(one, agent),
      ...(requests.length === 0
        ? [{ agent, socket: listener, event: 'FD_ACCEPT', count: served }]
        : []),
    ],
  };
}

function callerPlay(one: Behaviour): Play {
  const steps = new Steps();
  const agent = 'client';
  const listening = steps.add('peer', 'plain.listen', { socket: 'listener' });
  steps.add(
    agent,
    'WSAConnect',
    { socket: 'a', to: listening, options: optionsOf(one) },
    { error: 'WSAEWOULDBLOCK' },
  );
  steps.add('peer', 'plain.accept', { listener: 'listener', socket: 'p' });
  const connected = (expect: Expectation) =>
    steps.add(
      agent,
      'WSAWaitForMultipleEvents',
      { socket: 'a', event: 'FD_CONNECT' },
      expect,
    );
  for (const step of one.steps) {
    if ('peer' in step) {
      steps.peer(step, () => {
        throw new RangeError('a caller is not known to have time');
      });
    } else if ('subject' in step) {
      steps.subject(agent, step);
    } else if (step.told === 'connected') {
      connected({ error: null });
    } else if (step.told === 'refused') {
      const { hex, error = 'WSAECONNREFUSED' } = step;
      const rejectData = hex ? octets(hex) : null;
      connected({ error, rejectData, ...codesOf(step) });
    } else {
      steps.told(agent, step);
    }
  }
  return {
    one,
    subject: 'caller',
    steps: steps.all,
    indications: closesOf(one, agent),
  };
}

function needsOf(
  { mode, limits, signs, codes, notices, allowPlain }: Behaviour,
  subject: BehaviourFile['subject'],
): Capability[] {
  return [
    'wire',
    ...(mode === 'message' ? (['messageOriented'] as const) : []),
    ...(signs ? (['signs'] as const) : []),
    ...(codes ? (['codes'] as const) : []),
    ...(notices ? (['notices'] as const) : []),
    ...(limits ? (['limits'] as const) : []),
    ...(allowPlain ? (['plainPeer'] as const) : []),
    ...(subject === 'callee' ? (['conditionalAccept'] as const) : []),
  ];
}

function optionsOf({ limits = {}, allowPlain }: Behaviour): object {
  const { userData, message, idle } = limits;
  return {
    ...(userData !== undefined && { userDataLimit: userData }),
    ...(message !== undefined && { messageLimit: message }),
    ...(idle !== undefined && { idleTimeout: idle }),
    ...(allowPlain && { allowPlain: true }),
  };
}

/** An end is reported once, or never. */
function closesOf(
  { steps }: Behaviour,
  agent: Step['agent'],
): IndicationCount[] {
  const isOpen = steps.some(
    (step) =>
      ('told' in step && step.told === 'connected') ||
      ('subject' in step && step.subject === 'accepts'),
  );
  if (!isOpen) return [];
  const count = steps.filter(
    (step) => 'told' in step && ['graceful', 'abortive'].includes(step.told),
  ).length;
  return [{ agent, socket: 'a', event: 'FD_CLOSE', count }];
}
