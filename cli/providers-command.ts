import { plain, plainJson } from '../conformance/report/text.js';
import {
  hasWinsock,
  ProviderError,
  readCatalog,
  type CatalogEntry,
} from '../src/provider/catalog.js';
import { selectProvider } from '../src/provider/select.js';
import {
  XP1_CONNECT_DATA,
  XP1_DISCONNECT_DATA,
} from '../src/vocabulary/constants.js';
import type { ProtocolInfo } from '../src/vocabulary/protocol-info.js';
import type { Io } from './io.js';
import { measure } from './measure.js';
import { familyName, flagNames, typeName } from './protocol-names.js';
import { parseOptions, UsageError } from './usage-error.js';

/** `goodbyte providers`: the catalog, or what one provider's DLL offers. */
export function providersCommand(
  args: readonly string[],
  { stdout }: Io,
): number {
  const options = parseOptions(args, {
    provider: { type: 'string' },
    json: { type: 'boolean' },
  });
  checkWinsock();
  const entries = withReason(() =>
    options.provider === undefined
      ? readCatalog().map(described)
      : selectProvider(options.provider).protocols.map(declared),
  );
  if (options.json) {
    stdout.write(`${plainJson({ entries }, 2)}\n`);
    return 0;
  }
  for (const entry of entries) stdout.write(`${plain(textOf(entry))}\n`);
  if (!entries.some(carriesUserData)) {
    stdout.write(
      '\nno entry declares both connect and disconnect data, so "auto" takes ' +
        'framing\n',
    );
  }
  return 0;
}

/** `goodbyte providers measure` */
export async function measureCommand(
  args: readonly string[],
  { stdout }: Io,
): Promise<number> {
  const options = parseOptions(args, {
    provider: { type: 'string' },
    json: { type: 'boolean' },
  });
  checkWinsock();
  const measured = await measure(options.provider?.replace(/^winsock2:/, ''));
  if (options.json) {
    stdout.write(`${plainJson({ measured }, 2)}\n`);
    return 0;
  }
  const width = Math.max(...measured.map(({ question }) => question.length));
  for (const { question, answer } of measured) {
    stdout.write(plain(`${question.padEnd(width)}  ${answer}\n`));
  }
  return 0;
}

function checkWinsock(): void {
  if (hasWinsock()) return;
  throw new UsageError(
    'no catalog of Winsock providers: it needs Windows and the addon; ' +
      '`goodbyte info` shows what this system has',
  );
}

/** @throws {UsageError} the provider is not available. */
function withReason<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProviderError || error instanceof RangeError) {
      throw new UsageError(error.message);
    }
    throw error;
  }
}

interface Described extends Omit<ProtocolInfo, 'provider'> {
  family: string;
  type: string;
  flags: string[];
  /** A base provider, a layered one, or a chain. */
  kind?: string;
  chain?: number[];
  path?: string;
}

const both = XP1_CONNECT_DATA | XP1_DISCONNECT_DATA;

function carriesUserData({ serviceFlags1 }: Described): boolean {
  return (serviceFlags1 & both) === both;
}

function declared(info: ProtocolInfo): Described {
  return {
    protocol: info.protocol,
    catalogEntryId: info.catalogEntryId,
    addressFamily: info.addressFamily,
    family: familyName(info.addressFamily),
    socketType: info.socketType,
    type: typeName(info.socketType),
    protocolNumber: info.protocolNumber,
    messageSize: info.messageSize,
    serviceFlags1: info.serviceFlags1,
    flags: flagNames(info.serviceFlags1),
  };
}

const kinds = ['layered provider', 'base provider'];

function described(entry: CatalogEntry): Described {
  const { chainLength, chain, path } = entry;
  return {
    ...declared({ ...entry, provider: '' }),
    kind: kinds[chainLength] ?? 'chain',
    chain,
    path,
  };
}

function textOf(entry: Described): string {
  const { catalogEntryId, protocol, family, type, protocolNumber } = entry;
  const lines = [
    `${String(catalogEntryId).padStart(6)}  ${protocol}`,
    `${family}, ${type}, protocol ${protocolNumber}`,
    `0x${entry.serviceFlags1.toString(16)} ${entry.flags.join(' ')}`,
  ];
  if (entry.kind !== undefined) {
    const { kind, chain = [] } = entry;
    lines.push(kind === 'chain' ? `chain of ${chain.join(' → ')}` : kind);
  }
  if (entry.path) lines.push(entry.path);
  return lines.join('\n        ');
}
