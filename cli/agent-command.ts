import { once } from 'node:events';
import { connect } from 'node:net';
import { serveAgent } from '../conformance/agent/agent.js';
import { hostsOf, type Hosts } from '../conformance/agent/hosts.js';
import { LineChannel } from '../conformance/protocol/lines.js';
import { findFault, faultNames } from '../conformance/wrong-agents/index.js';
import { selectProvider } from '../src/provider/select.js';
import type { Io } from './io.js';
import { parseOptions, UsageError } from './usage-error.js';

/** `goodbyte conformance agent` */
export async function agentCommand(
  args: readonly string[],
  { env }: Io,
): Promise<number> {
  const options = parseOptions(args, {
    provider: { type: 'string' },
    connect: { type: 'string' },
    token: { type: 'string' },
    host: { type: 'string' },
    fault: { type: 'string' },
  });
  checkProvider(options.provider);
  const fault = options.fault === undefined ? {} : findFault(options.fault);
  if (!fault) {
    throw new UsageError(
      `unknown fault "${options.fault}"; the faults are ${faultNames.join(', ')}`,
    );
  }
  const address = options.connect ?? env['GOODBYTE_AGENT_CONNECT'];
  const token = options.token ?? env['GOODBYTE_AGENT_TOKEN'];
  const hosts = checkHost(options.host ?? env['GOODBYTE_AGENT_HOST']);
  const agent = { ...fault, provider: options.provider, token, hosts };
  if (address === undefined) {
    await serveAgent(new LineChannel(process.stdin, process.stdout), agent);
    return 0;
  }
  const socket = connect(endpoint(address));
  socket.setNoDelay(true);
  try {
    await once(socket, 'connect');
  } catch (error) {
    throw new UsageError(
      `no runner at ${address}: ${(error as Error).message}`,
    );
  }
  // A runner whose system has vanished sends nothing more, not even an end. Not
  // before the connection is open: where the delay cannot be set (in Wine), the
  // connect would fail.
  socket.setKeepAlive(true, 30_000);
  await serveAgent(new LineChannel(socket, socket), agent);
  socket.destroySoon();
  return 0;
}

/** @throws {UsageError} */
export function checkHost(text: string | undefined): Hosts {
  try {
    return hostsOf(text);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** @throws {UsageError} */
export function checkProvider(name: string | undefined): void {
  try {
    selectProvider(name);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function endpoint(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  const port = Number(address.slice(at + 1));
  if (host === '' || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new UsageError(`--connect takes HOST:PORT, not "${address}"`);
  }
  return { host, port };
}
