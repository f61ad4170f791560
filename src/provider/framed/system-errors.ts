import { getSystemErrorMap, getSystemErrorName } from 'node:util';

/** Where a call of the system went wrong. */
interface Place {
  address: string;
  port?: number | undefined;
}

/** Node's error for libuv's number, in Node's words. */
export function errorOf(number: number, syscall: string): Error {
  return describe(number, syscall, `${syscall} ${getSystemErrorName(number)}`);
}

/** @param local our end, if the user said what it is to be. */
export function connectError(
  number: number,
  place: Place,
  local?: Place | 0,
): Error {
  const code = getSystemErrorName(number);
  const from = local ? ` - Local (${textOf(local)})` : '';
  return Object.assign(
    describe(number, 'connect', `connect ${code} ${textOf(place)}${from}`),
    place,
    local ? { localAddress: local.address, localPort: local.port } : undefined,
  );
}

export function listenError(number: number, place: Place): Error {
  const [code, meaning] = getSystemErrorMap().get(number) ?? [
    getSystemErrorName(number),
    'unknown error',
  ];
  return Object.assign(
    describe(number, 'listen', `listen ${code}: ${meaning} ${textOf(place)}`),
    place,
  );
}

/** libuv's number for a name: it is another one on another system. */
export function numberOf(code: string): number {
  for (const [number, [name]] of getSystemErrorMap()) {
    if (name === code) return number;
  }
  throw new RangeError(`libuv knows no ${code}`);
}

function describe(errno: number, syscall: string, message: string): Error {
  const code = getSystemErrorName(errno);
  return Object.assign(new Error(message), { errno, code, syscall });
}

function textOf({ address, port }: Place): string {
  return port === undefined ? address : `${address}:${port}`;
}
