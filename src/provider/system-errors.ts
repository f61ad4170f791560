import { getSystemErrorMap, getSystemErrorName } from 'node:util';

/** The failed system call. */
export interface Place {
  address: string;
  port?: number | undefined;
}

/**
 * libuv's number for an error, or its name: the numbers differ between systems.
 */
type Reason = number | string;

/** Node's error for a reason, in Node's words. */
export function errorOf(reason: Reason, syscall: string): Error {
  return describe(reason, syscall, (code) => `${syscall} ${code}`);
}

/** @param local our end, if the user chose it. */
export function connectError(
  reason: Reason,
  place: Place,
  local?: Place,
): Error {
  const from = local ? ` - Local (${textOf(local)})` : '';
  return Object.assign(
    describe(
      reason,
      'connect',
      (code) => `connect ${code} ${textOf(place)}${from}`,
    ),
    place,
    local ? { localAddress: local.address, localPort: local.port } : undefined,
  );
}

export function listenError(reason: Reason, place: Place): Error {
  const where = textOf(place);
  return Object.assign(
    describe(
      reason,
      'listen',
      (code, errno = 0) => `listen ${code}: ${meaningOf(errno)} ${where}`,
    ),
    place,
  );
}

function describe(
  reason: Reason,
  syscall: string,
  messageOf: (code: string, errno: number | undefined) => string,
): Error {
  const [errno, code] =
    typeof reason === 'number'
      ? [reason, getSystemErrorName(reason)]
      : [numberOf(reason), reason];
  return Object.assign(new Error(messageOf(code, errno)), {
    // Winsock has errors that libuv does not know.
    ...(errno !== undefined && { errno }),
    code,
    syscall,
  });
}

function numberOf(name: string): number | undefined {
  for (const [number, [known]] of getSystemErrorMap()) {
    if (known === name) return number;
  }
  return undefined;
}

function meaningOf(errno: number): string {
  const [, meaning = 'unknown error'] = getSystemErrorMap().get(errno) ?? [];
  return meaning;
}

function textOf({ address, port }: Place): string {
  return port === undefined ? address : `${address}:${port}`;
}
