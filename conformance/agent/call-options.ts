import * as constants from '../../src/vocabulary/constants.js';
import type { Linger } from '../../src/winsock/index.js';
import type { StepResult } from '../protocol/messages.js';
import { outcome, type Parameters } from './call-connection.js';
import { Unsupported, type Run } from './run.js';
import { errorName } from './socket.js';

const { IPPROTO_TCP, SOL_SOCKET, SO_LINGER } = constants;

interface Option {
  level: number;
  name: number;
}

function optionOf(option: unknown): Option {
  const name = (constants as unknown as Record<string, unknown>)[
    String(option)
  ];
  if (typeof name !== 'number' || !/^(SO|TCP)_/.test(String(option))) {
    throw new Unsupported(`the option ${String(option)}`);
  }
  const level = String(option).startsWith('TCP_') ? IPPROTO_TCP : SOL_SOCKET;
  return { level, name };
}

/** setsockopt; SO_LINGER's value is its seconds, or `null` for off. */
export function setOption(run: Run, parameters: Parameters): StepResult {
  const { level, name } = optionOf(parameters['option']);
  const { value, data } = parameters;
  const given =
    name === SO_LINGER
      ? { onoff: value === null ? 0 : 1, linger: Number(value ?? 0) }
      : (run.octets(data) ?? value);
  return outcome(
    run,
    run.calls.setsockopt(
      run.socket(parameters['socket']).handle,
      level,
      name,
      given as never,
    ),
  );
}

/** getsockopt of an option that is a number, a boolean, octets or SO_LINGER. */
export function getOption(run: Run, parameters: Parameters): StepResult {
  const { level, name } = optionOf(parameters['option']);
  const value: unknown = run.calls.getsockopt(
    run.socket(parameters['socket']).handle,
    level,
    name,
  );
  if (value === undefined) {
    return { error: errorName(run.calls.WSAGetLastError()), return: -1 };
  }
  if (value instanceof Uint8Array) {
    const data = Buffer.from(value).toString('hex');
    return { error: null, data: data === '' ? null : data };
  }
  if (name === SO_LINGER) {
    const { onoff, linger } = value as Linger;
    return { error: null, value: onoff === 0 ? null : linger };
  }
  return { error: null, value: value as number | boolean };
}
