import { packageVersion } from '../conformance/agent/agent.js';
import { providers } from '../src/provider/select.js';
import { runtimeName } from '../src/runtime.js';
import type { Io } from './io.js';
import { familyName, flagNames, typeName } from './protocol-names.js';
import { parseOptions } from './usage-error.js';

/** `goodbyte info` */
export function infoCommand(args: readonly string[], { stdout }: Io): number {
  const { json } = parseOptions(args, { json: { type: 'boolean' } });
  const info = {
    goodbyte: packageVersion(),
    runtime: runtimeName(process.versions),
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    providers: providers().map(({ name, protocols, transport }) => ({
      name,
      ...transport,
      protocols: protocols.map((entry) => ({
        ...entry,
        family: familyName(entry.addressFamily),
        type: typeName(entry.socketType),
        flags: flagNames(entry.serviceFlags1),
      })),
    })),
  };
  if (json) {
    stdout.write(`${JSON.stringify(info, undefined, 2)}\n`);
    return 0;
  }
  const { goodbyte, runtime, platform, arch } = info;
  stdout.write(`goodbyte ${goodbyte} on ${runtime}, ${platform} ${arch}\n`);
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
