import { packageVersion } from '../../conformance/agent/agent.js';
import { providers } from '../provider/select.js';
import * as constants from '../vocabulary/constants.js';
import type { Io } from './io.js';
import { parseOptions } from './usage-error.js';

const flags = Object.entries(constants).filter(([name]) =>
  name.startsWith('XP1_'),
);

const familyNames = new Map<number, string>([
  [constants.AF_INET, 'AF_INET'],
  [constants.AF_INET6, 'AF_INET6'],
  [constants.AF_UNIX, 'AF_UNIX'],
]);

const typeNames = new Map<number, string>([
  [constants.SOCK_STREAM, 'SOCK_STREAM'],
  [constants.SOCK_SEQPACKET, 'SOCK_SEQPACKET'],
]);

/** `goodbyte info` */
export function infoCommand(args: readonly string[], { stdout }: Io): number {
  const { json } = parseOptions(args, { json: { type: 'boolean' } });
  const info = {
    goodbyte: packageVersion(),
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    providers: providers().map(({ name, protocols, transport }) => ({
      name,
      ...transport,
      protocols: protocols.map((entry) => ({
        ...entry,
        family: familyNames.get(entry.addressFamily) ?? entry.addressFamily,
        type: typeNames.get(entry.socketType) ?? entry.socketType,
        flags: flags
          .filter(([, bit]) => (entry.serviceFlags1 & bit) !== 0)
          .map(([flag]) => flag),
      })),
    })),
  };
  if (json) {
    stdout.write(`${JSON.stringify(info, undefined, 2)}\n`);
    return 0;
  }
  const { goodbyte, node, platform, arch } = info;
  stdout.write(`goodbyte ${goodbyte} on Node ${node}, ${platform} ${arch}\n`);
  for (const { name, protocols, transport, reason } of info.providers) {
    stdout.write(`\nprovider ${name}\n`);
    if (transport) stdout.write(`  transport: ${transport} (${reason})\n`);
    for (const entry of protocols) {
      stdout.write(
        `  ${entry.catalogEntryId}  ${entry.protocol} ` +
          `(${entry.family}, ${entry.type})\n` +
          `     ${entry.flags.join(' ')}\n`,
      );
    }
  }
  return 0;
}
