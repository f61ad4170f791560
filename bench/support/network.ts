import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Start } from './child.js';

const execute = promisify(execFile);

/**
 * A command that runs the one behind it in a network of its own (Linux; needs
 * unshare, ip and user namespaces).
 *
 * @param setting lines of the shell that set it up.
 */
export function inOwnNetwork(setting: string): string[] {
  const script = `ip link set lo up\n${setting}\nexec "$0" "$@"`;
  return ['unshare', '--net', '--map-root-user', 'sh', '-ec', script];
}

/** A network that flows are measured in. */
export interface Network {
  readonly congestionControl: string;
  readonly start: Start;
}

/**
 * A network of its own for each process, with Reno: BBR paces its flows even over
 * the loopback, and its rate differs from one connection to the next. `undefined`
 * where the system does not allow it.
 */
export async function ownNetwork(): Promise<Network | undefined> {
  const congestionControl = 'reno';
  const setting = `echo ${congestionControl} >/proc/sys/net/ipv4/tcp_congestion_control`;
  const [execPath, ...args] = inOwnNetwork(setting) as [string, ...string[]];
  try {
    await execute(execPath, [...args, 'true']);
  } catch {
    return undefined;
  }
  const execArgv = [...args, process.execPath, '--expose-gc'];
  return { congestionControl, start: { execPath, execArgv } };
}
