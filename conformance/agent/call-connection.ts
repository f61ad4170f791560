import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  CF_ACCEPT,
  CF_DEFER,
  CF_REJECT,
} from '../../src/vocabulary/constants.js';
import {
  WSAEWOULDBLOCK,
  WSATRY_AGAIN,
} from '../../src/vocabulary/error-codes.js';
import type { ConditionFunction } from '../../src/winsock/index.js';
import type { StepResult, WireAddress } from '../protocol/messages.js';
import { addressFamily, Unsupported, type Run } from './run.js';
import { octetsOfQos, qosOf } from './qos.js';
import { errorName, type AgentSocket } from './socket.js';

/** The members of a step's `with`. */
export type Parameters = Record<string, unknown>;

/** The result of a call that returned `code`. */
export function outcome(run: Run, code: number): StepResult {
  return code === 0
    ? { error: null, return: 0 }
    : { error: errorName(run.calls.WSAGetLastError()), return: code };
}

/** A free address of this machine, without the port: 0 is any. */
export function localName({ family, host }: Run): string {
  if (family !== 'unix') return host;
  const name = `goodbyte-${randomUUID()}`;
  return process.platform === 'win32'
    ? `\\\\.\\pipe\\${name}`
    : join(tmpdir(), `${name}.sock`);
}

/** WSASocket. */
export function openSocket(
  run: Run,
  { socket, options, listens }: Parameters,
): StepResult {
  const side = listens === true ? 'callee' : 'caller';
  const made = run.open(String(socket), side, options as object | undefined);
  return typeof made === 'number'
    ? { error: errorName(made), return: -1 }
    : { error: null };
}

/** The step's socket, made now unless one has the name. */
function socketFor(
  run: Run,
  side: 'caller' | 'callee',
  { socket, options }: Parameters,
): AgentSocket | StepResult {
  if (run.has(socket)) return run.socket(socket);
  const made = run.open(String(socket), side, options as object | undefined);
  return typeof made === 'number'
    ? { error: errorName(made), return: -1 }
    : made;
}

/** WSASocket, bind and listen; returns the address. */
export async function listen(
  run: Run,
  parameters: Parameters,
): Promise<StepResult> {
  const socket = socketFor(run, 'callee', parameters);
  if ('error' in socket) return socket;
  const name = {
    family: addressFamily(run.family),
    address: localName(run),
    port: 0,
  };
  const bound = run.calls.bind(socket.handle, name);
  if (bound !== 0) return outcome(run, bound);
  const listening = await run.calls.listen(socket.handle, 16);
  if (listening !== 0) return outcome(run, listening);
  const at = run.calls.getsockname(socket.handle) ?? name;
  const address: WireAddress = {
    family: run.family,
    address: at.address === '' ? name.address : at.address,
    port: at.port,
  };
  return { error: null, return: 0, address };
}

/** WSASocket and WSAConnect, which is under way when this returns. */
export function connect(run: Run, parameters: Parameters): StepResult {
  const socket = socketFor(run, 'caller', parameters);
  if ('error' in socket) return socket;
  const to = parameters['to'] as WireAddress;
  const callerData = run.octets(parameters['callerData']);
  const capacity = Number(parameters['calleeCapacity'] ?? 4096);
  socket.calleeData =
    capacity === 0 ? undefined : { buf: Buffer.alloc(capacity), len: capacity };
  const sqos = run.octets(parameters['sqos']);
  socket.sqos = sqos && qosOf(sqos);
  const code = run.calls.WSAConnect(
    socket.handle,
    {
      family: addressFamily(to.family),
      address: to.address,
      port: to.port,
    },
    callerData,
    socket.calleeData,
    socket.sqos,
    // Winsock has a reserved pointer here; only its presence counts.
    parameters['gqos'] === true ? ({} as unknown as null) : null,
  );
  return outcome(run, code);
}

/** Milliseconds until a deferred caller is offered again. */
const REPEAT_AFTER = 10;

interface Condition {
  verdict?: string | number;
  data?: unknown;
  /** Answer with the caller data. */
  echo?: boolean;
  /** Assigned to the length of the callee data, whatever its buffer holds. */
  length?: number;
  sqos?: unknown;
  /** Beside reject data. */
  code?: number | null;
  mayRepeat?: boolean | null;
}

const verdicts: Record<string, number> = { CF_ACCEPT, CF_REJECT, CF_DEFER };

function verdictOf({ verdict = 'CF_ACCEPT' }: Condition): number {
  const value = typeof verdict === 'number' ? verdict : verdicts[verdict];
  if (value === undefined) throw new Unsupported(`the verdict ${verdict}`);
  return value;
}

/** A condition function that records its arguments in `seen`. */
function conditionFor(
  run: Run,
  condition: Condition,
  seen: Partial<StepResult>,
): ConditionFunction {
  const verdict = verdictOf(condition);
  const answer = run.octets(condition.data);
  const granted = run.octets(condition.sqos);
  return (callerId, callerData, sqos, _gqos, calleeId, calleeData) => {
    seen.conditionCalls! += 1;
    const [caller, callee] = [callerId, calleeId].map(({ family }) =>
      run.familyOf(family),
    );
    if (caller) seen.callerFamily = caller;
    if (callee) seen.calleeFamily = callee;
    seen.callerData = callerData?.length
      ? Buffer.from(callerData).toString('hex')
      : null;
    seen.sqos = sqos && octetsOfQos(sqos).toString('hex');
    if (sqos && granted) Object.assign(sqos, qosOf(granted));
    const said = condition.echo ? (callerData ?? undefined) : answer;
    if (said) calleeData.buf = said;
    calleeData.len = condition.length ?? said?.length ?? 0;
    const { code, mayRepeat } = condition;
    Object.assign(calleeData, {
      code: code ?? undefined,
      mayRepeat: mayRepeat ?? undefined,
    });
    return verdict;
  };
}

/**
 * WSAAccept with a condition function; waits for a request first if there is
 * none, unless `wait` is false. With `repeat` a deferred caller is offered
 * again until the result differs. `condition: null` means no condition, and
 * with `select: false` the event selection stays as inherited.
 */
export async function accept(
  run: Run,
  parameters: Parameters,
): Promise<StepResult> {
  const listener = run.socket(parameters['listener']);
  const seen: Partial<StepResult> = { conditionCalls: 0, callerData: null };
  const condition =
    parameters['condition'] === null
      ? null
      : conditionFor(run, parameters['condition'] ?? {}, seen);
  for (;;) {
    const handle = run.calls.WSAAccept(listener.handle, undefined, condition);
    const status = run.calls.WSAGetLastError();
    if (run.isHandle(handle)) {
      run.keep(
        String(parameters['socket']),
        handle,
        parameters['select'] === false ? listener : undefined,
      );
      return { error: null, ...seen };
    }
    if (status === WSATRY_AGAIN && parameters['repeat'] === true) {
      await setTimeout(REPEAT_AFTER);
      continue;
    }
    if (status !== WSAEWOULDBLOCK || parameters['wait'] === false) {
      return { error: errorName(status), return: -1, ...seen };
    }
    await listener.changed();
  }
}

/** The octets of a WSABUF, in hex. */
export function hexOf(buffer: { buf: Uint8Array; len: number }): string {
  const { buf, len } = buffer;
  return Buffer.from(
    buf.buffer,
    buf.byteOffset,
    Math.min(len, buf.length),
  ).toString('hex');
}

/** WSAWaitForMultipleEvents for one event of one socket. */
export async function awaitEvent(
  run: Run,
  { socket: name, event, within }: Parameters,
): Promise<StepResult> {
  const socket = run.socket(name);
  const found = await socket.wait(String(event), within as number | undefined);
  if (!found) return { error: 'WSA_WAIT_TIMEOUT' };
  const codes = run.calls.receivedCodes(socket.handle);
  if (event === 'FD_CLOSE' && found.error !== null) {
    return { error: found.error, code: codes.reset ?? null };
  }
  if (event !== 'FD_CONNECT') return { error: found.error };
  const buffer = socket.calleeData;
  const data = buffer && buffer.len > 0 ? hexOf(buffer) : null;
  return found.error === null
    ? {
        error: null,
        calleeData: data,
        ...(socket.sqos && { sqos: octetsOfQos(socket.sqos).toString('hex') }),
      }
    : {
        error: found.error,
        rejectData: data,
        code: codes.reject ?? codes.reset ?? null,
        mayRepeat: codes.mayRepeat ?? null,
      };
}
