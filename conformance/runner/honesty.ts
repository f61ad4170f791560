import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  XP1_CONNECT_DATA,
  XP1_DISCONNECT_DATA,
  XP1_GRACEFUL_CLOSE,
  XP1_MESSAGE_ORIENTED,
} from '../../src/vocabulary/constants.js';
import type { Hello } from '../protocol/messages.js';
import type {
  Capability,
  Case,
  Family,
  SocketType,
  VerdictLevel,
} from '../scenario/types.js';
import type { Finding, Verdicts } from './verdict.js';

const addressFamilies: Record<Family, number> = {
  IPv4: AF_INET,
  IPv6: AF_INET6,
  unix: AF_UNIX,
  tls: AF_INET,
};

/** The capabilities that service flags declare for one kind of socket. */
export function declared(
  hello: Hello,
  family: Family,
  socketType: SocketType,
): Set<Capability> {
  const wanted = socketType === 'message' ? SOCK_SEQPACKET : SOCK_STREAM;
  const ofFamily = (one: Family): Hello['protocols'] =>
    hello.protocols.filter(
      ({ addressFamily }) => addressFamily === addressFamilies[one],
    );
  // A capability without a service flag is present unless the agent denies it.
  const found = new Set<Capability>([
    'conditionalAccept',
    'tls',
    'limits',
    'qos',
    'wire',
    'signs',
    'codes',
    'notices',
  ]);
  if (ofFamily('IPv6').length > 0) found.add('ipv6');
  if (ofFamily('unix').length > 0) found.add('unix');
  if (hello.calls.some((call) => call.startsWith('plain.'))) {
    found.add('plainPeer');
  }
  if (
    ['getsockopt', 'setsockopt'].every((call) => hello.calls.includes(call))
  ) {
    found.add('options');
  }
  const entry = ofFamily(family).find((one) => one.socketType === wanted);
  const flags = entry?.serviceFlags1 ?? 0;
  const byFlag: [number, Capability][] = [
    [XP1_CONNECT_DATA, 'connectData'],
    [XP1_DISCONNECT_DATA, 'disconnectData'],
    [XP1_GRACEFUL_CLOSE, 'gracefulClose'],
    [XP1_MESSAGE_ORIENTED, 'messageOriented'],
  ];
  for (const [flag, capability] of byFlag) {
    if ((flags & flag) !== 0) found.add(capability);
  }
  for (const lack of hello.lacks ?? []) found.delete(lack as Capability);
  return found;
}

/**
 * Requirements of a case that an agent denies, or that the agents do not share:
 * a Windows pipe cannot connect to a Unix socket.
 */
export function lacking(
  { scenario, family }: Case,
  hellos: readonly Hello[],
): Capability[] {
  const onWindows = hellos.map(({ system }) => /^win32\b/.test(system));
  if (family === 'unix' && new Set(onWindows).size > 1) return ['unix'];
  const needed = new Set(scenario.requires);
  if (family === 'tls') needed.add('tls');
  return [...needed].filter((capability) =>
    hellos.some(({ lacks }) => lacks?.includes(capability)),
  );
}

/** The verdicts of a case that is not run because an agent lacks something. */
export function notRun(
  lacks: readonly Capability[],
): Verdicts & { warnings: string[] } {
  return {
    data: 'UNIMPLEMENTED',
    teardown: null,
    findings: [],
    warnings: [
      `${lacks.join(', ')}: the agents have none in common, so it was not run`,
    ],
  };
}

/** Requirements of a case that an agent does not declare. */
export function undeclared(
  tested: Case,
  hellos: readonly Hello[],
): Capability[] {
  const { family, socketType, scenario } = tested;
  const needed = new Set(scenario.requires);
  if (family === 'IPv6') needed.add('ipv6');
  if (family === 'unix') needed.add('unix');
  if (family === 'tls') needed.add('tls');
  if (socketType === 'message') needed.add('messageOriented');
  return [...needed].filter(
    (capability) =>
      !hellos.every((hello) =>
        declared(hello, family, socketType).has(capability),
      ),
  );
}

/**
 * A provider's errors for unsupported features ("WSAConnect",
 * "WSASendDisconnect").
 */
const refusals: ReadonlySet<string> = new Set([
  'WSAEPROTONOSUPPORT',
  'WSAENOPROTOOPT',
]);

/**
 * Compares the observed with the declared. "Not implemented" is accepted only
 * for undeclared features.
 */
export function weigh(
  verdicts: Verdicts,
  missing: readonly Capability[],
): Verdicts & { warnings: string[] } {
  if (missing.length === 0) return { ...verdicts, warnings: [] };
  const what = missing.join(', ');
  const missed = new Set<VerdictLevel>(['FAILED', 'NON-STRICT']);
  const grave = verdicts.findings.find(({ verdict }) => missed.has(verdict));
  if (!grave) {
    return {
      ...verdicts,
      warnings: [`${what}: not declared, and yet it is there`],
    };
  }
  const [verdict, warning] = graded(grave, what);
  const lowered = (one: VerdictLevel | null): VerdictLevel | null =>
    one !== null && missed.has(one) ? verdict : one;
  return {
    data: lowered(verdicts.data),
    teardown: lowered(verdicts.teardown),
    findings: verdicts.findings.map((found) => ({
      ...found,
      verdict: lowered(found.verdict)!,
    })),
    warnings: [warning],
  };
}

function graded(
  { error, outcome }: Finding,
  what: string,
): ['UNIMPLEMENTED' | 'NON-STRICT' | 'FAILED', string] {
  if (outcome === 'unsupported') {
    return ['UNIMPLEMENTED', `${what}: not declared, and not there`];
  }
  if (outcome === 'lost') {
    return ['FAILED', `${what}: not declared, but the agent must not be lost`];
  }
  if (outcome !== undefined) {
    return ['FAILED', `${what}: not declared, but refusing must not hang`];
  }
  if (error === undefined) {
    return [
      'UNIMPLEMENTED',
      `${what}: not declared, yet the call reports success: ` +
        'its return codes cannot be trusted',
    ];
  }
  return refusals.has(error)
    ? ['UNIMPLEMENTED', `${what}: not declared, and refused with ${error}`]
    : ['NON-STRICT', `${what}: not declared, but refused with ${error}`];
}
