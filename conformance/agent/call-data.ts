import { MSG_PARTIAL, MSG_PEEK } from '../../src/vocabulary/constants.js';
import {
  WSAEWOULDBLOCK,
  type Status,
} from '../../src/vocabulary/error-codes.js';
import type { StepResult } from '../protocol/messages.js';
import type { Parameters } from './call-connection.js';
import type { Run } from './run.js';
import { errorName, type AgentSocket } from './socket.js';

/** Octets of one WSARecv, unless a step gives them. */
const CAPACITY = 65_536;

/** WSASend, once. */
export function send(run: Run, { socket, data }: Parameters): StepResult {
  const octets = run.octets(data) ?? Buffer.alloc(0);
  return sendOnce(run, run.socket(socket), octets);
}

function sendOnce(run: Run, socket: AgentSocket, octets: Buffer): StepResult {
  const code = run.calls.WSASend(socket.handle, octets);
  return code === -1
    ? { error: errorName(run.calls.WSAGetLastError()), return: code }
    : { error: null, return: code };
}

/** WSASend for each of `messages`; waits for FD_WRITE where it would block. */
export async function sendAll(
  run: Run,
  parameters: Parameters,
): Promise<StepResult> {
  const socket = run.socket(parameters['socket']);
  const messages = parameters['messages'] as unknown[];
  for (const message of messages) {
    const octets = run.octets(message) ?? Buffer.alloc(0);
    for (;;) {
      const result = sendOnce(run, socket, octets);
      if (result.error === null) break;
      if (result.error !== 'WSAEWOULDBLOCK') return result;
      await socket.changed();
    }
  }
  return { error: null, return: messages.length };
}

interface Received {
  octets: Buffer;
  status: Status;
  partial: boolean;
}

function receiveOnce(
  run: Run,
  socket: AgentSocket,
  capacity: number,
  peek = false,
): Received {
  const buf = Buffer.alloc(capacity);
  const flags = { flags: peek ? MSG_PEEK : 0 };
  const code = run.calls.WSARecv(socket.handle, buf, flags);
  return {
    octets: buf.subarray(0, Math.max(code, 0)),
    status: code === -1 ? run.calls.WSAGetLastError() : 0,
    partial: (flags.flags & MSG_PARTIAL) !== 0,
  };
}

/** WSARecv, once; never waits. `value`: the message continues. */
export function receive(
  run: Run,
  { socket, capacity, peek, store }: Parameters,
): StepResult {
  const { octets, status, partial } = receiveOnce(
    run,
    run.socket(socket),
    Number(capacity ?? CAPACITY),
    peek === true,
  );
  if (status !== 0) return { error: errorName(status), return: -1, data: null };
  if (typeof store === 'string') run.stored.set(store, octets);
  return {
    error: null,
    return: octets.length,
    data: octets.length > 0 ? octets.toString('hex') : null,
    value: partial,
  };
}

/**
 * Repeats WSARecv, waiting for FD_READ and FD_CLOSE in between.
 *
 * `until` is a number of octets, or `"end"`: a return of 0, or an error.
 * Messages are separate where the socket keeps them separate.
 */
export async function receiveAll(
  run: Run,
  parameters: Parameters,
): Promise<StepResult> {
  const socket = run.socket(parameters['socket']);
  const { until, store } = parameters;
  const messages: Buffer[] = [];
  const pieces: Buffer[] = [];
  const message: Buffer[] = [];
  let length = 0;
  const done = (error: string | null, code: number): StepResult => {
    const data = Buffer.concat(pieces);
    if (typeof store === 'string') run.stored.set(store, data);
    return {
      error,
      return: code,
      data: length > 0 ? data.toString('hex') : null,
      messages: messages.map((one) => one.toString('hex')),
    };
  };
  for (;;) {
    const most =
      typeof until === 'number' ? Math.max(until - length, 0) : CAPACITY;
    if (most === 0) return done(null, length);
    const { octets, status, partial } = receiveOnce(run, socket, most);
    if (status === WSAEWOULDBLOCK) {
      await socket.changed();
      continue;
    }
    if (status !== 0) return done(errorName(status), -1);
    if (octets.length === 0) return done(null, 0);
    pieces.push(octets);
    message.push(octets);
    length += octets.length;
    if (!partial) messages.push(Buffer.concat(message.splice(0)));
  }
}
