import {
  SD_BOTH,
  SD_RECEIVE,
  SD_SEND,
} from '../../src/vocabulary/constants.js';
import type { StepResult } from '../protocol/messages.js';
import { hexOf, outcome, type Parameters } from './call-connection.js';
import { Unsupported, type Run } from './run.js';
import { errorName, type Handle } from './socket.js';

const ways: Record<string, number> = { SD_RECEIVE, SD_SEND, SD_BOTH };

export function shutdown(run: Run, { socket, how }: Parameters): StepResult {
  const way = typeof how === 'number' ? how : ways[String(how)];
  if (way === undefined) throw new Unsupported(`shutdown ${String(how)}`);
  return outcome(run, run.calls.shutdown(run.socket(socket).handle, way));
}

/** `null`: no code. */
function setCode(run: Run, handle: Handle, code: unknown): number {
  return typeof code === 'number' ? run.calls.setCode(handle, code) : 0;
}

export function sendDisconnect(
  run: Run,
  { socket, data, code }: Parameters,
): StepResult {
  const octets = run.octets(data);
  const { handle } = run.socket(socket);
  const coded = setCode(run, handle, code);
  return outcome(run, coded || run.calls.WSASendDisconnect(handle, octets));
}

/** WSASendDisconnect and closesocket with nothing in between. */
export function disconnectAndClose(
  run: Run,
  parameters: Parameters,
): StepResult {
  const sent = sendDisconnect(run, parameters);
  const { socket } = parameters;
  return sent.error === null ? close(run, { socket }) : sent;
}

export function receiveDisconnect(
  run: Run,
  { socket, capacity, store }: Parameters,
): StepResult {
  const room = Number(capacity ?? 4096);
  const buffer = { buf: Buffer.alloc(room), len: room };
  const { handle } = run.socket(socket);
  const code = run.calls.WSARecvDisconnect(handle, buffer);
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
  const { disconnect = null } = run.calls.receivedCodes(handle);
  return { error: null, return: 0, data, code: disconnect };
}

/** `code` goes with a RESET, where SO_LINGER makes it one. */
export function close(run: Run, { socket, code }: Parameters): StepResult {
  const { handle } = run.socket(socket);
  const coded = setCode(run, handle, code);
  return outcome(run, coded || run.calls.closesocket(handle));
}

export function sendNotice(
  run: Run,
  { socket, data, code }: Parameters,
): StepResult {
  const sent = run.calls.sendNotice(
    run.socket(socket).handle,
    run.octets(data),
    typeof code === 'number' ? code : undefined,
  );
  return outcome(run, sent);
}

/** Waits for the peer's next notice. */
export async function receiveNotice(
  run: Run,
  { socket }: Parameters,
): Promise<StepResult> {
  return { error: null, ...(await run.socket(socket).notice()) };
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
