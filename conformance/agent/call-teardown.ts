import {
  SD_BOTH,
  SD_RECEIVE,
  SD_SEND,
} from '../../src/vocabulary/constants.js';
import type { StepResult } from '../protocol/messages.js';
import { hexOf, outcome, type Parameters } from './call-connection.js';
import { Unsupported, type Run } from './run.js';
import { errorName } from './socket.js';

const ways: Record<string, number> = { SD_RECEIVE, SD_SEND, SD_BOTH };

export function shutdown(run: Run, { socket, how }: Parameters): StepResult {
  const way = typeof how === 'number' ? how : ways[String(how)];
  if (way === undefined) throw new Unsupported(`shutdown ${String(how)}`);
  return outcome(run, run.calls.shutdown(run.socket(socket).handle, way));
}

export function sendDisconnect(
  run: Run,
  { socket, data }: Parameters,
): StepResult {
  const octets = run.octets(data);
  return outcome(
    run,
    run.calls.WSASendDisconnect(run.socket(socket).handle, octets),
  );
}

/** WSASendDisconnect and closesocket with nothing in between. */
export function disconnectAndClose(
  run: Run,
  parameters: Parameters,
): StepResult {
  const sent = sendDisconnect(run, parameters);
  return sent.error === null ? close(run, parameters) : sent;
}

export function receiveDisconnect(
  run: Run,
  { socket, capacity, store }: Parameters,
): StepResult {
  const room = Number(capacity ?? 4096);
  const buffer = { buf: Buffer.alloc(room), len: room };
  const code = run.calls.WSARecvDisconnect(run.socket(socket).handle, buffer);
  if (code !== 0) {
    const error = errorName(run.calls.WSAGetLastError());
    return {
      error,
      return: code,
      data: null,
      ...(error === 'WSAEFAULT' && { needed: buffer.len }),
    };
  }
  const data = buffer.len > 0 ? hexOf(buffer) : null;
  if (typeof store === 'string') {
    run.stored.set(store, Buffer.from(data ?? '', 'hex'));
  }
  return { error: null, return: 0, data };
}

export function close(run: Run, { socket }: Parameters): StepResult {
  return outcome(run, run.calls.closesocket(run.socket(socket).handle));
}

/** Adds up the decimal numbers that were stored, and `plus`. */
export function sum(run: Run, { of, plus, store }: Parameters): StepResult {
  const total = (of as string[])
    .map((name) => Number(run.stored.get(name)?.toString('utf8')))
    .reduce((all, one) => all + one, Number(plus ?? 0));
  const data = Buffer.from(String(total));
  run.stored.set(String(store), data);
  return { error: null, data: data.toString('hex') };
}
