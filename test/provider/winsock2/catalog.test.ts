import path from 'node:path';
import t from 'tap';
import { cli } from '../../cli/cli-harness.js';
import type { NativeEntry } from '../../../src/native-winsock.js';
import {
  catalogEntries,
  namedEntries,
} from '../../../src/provider/winsock2/entries.js';
import {
  PFL_HIDDEN,
  PFL_MATCHES_PROTOCOL_ZERO,
  SOCK_STREAM,
} from '../../../src/vocabulary/constants.js';
import { entry, habits } from './fake.js';
import { useFake } from './with-fake.js';

// Tests which catalog entries sockets are made of, by ProtocolChain and dwProviderFlags
// as WSAPROTOCOL_INFO's page describes them.

useFake();
process.env['FAKE_ROOT'] = path.resolve('layers');
const SCTP = 132;

const layered: NativeEntry = {
  ...entry(SOCK_STREAM),
  catalogEntryId: 3000,
  chainLength: 0,
  path: '%FAKE_ROOT%/LSP.dll',
};
const chain: NativeEntry = {
  ...entry(SOCK_STREAM),
  catalogEntryId: 4000,
  chainLength: 2,
  chain: [3000, 2001],
};

const cases: [string, Partial<NativeEntry>, RegExp | true, boolean][] = [
  ['a base provider', { chainLength: 1 }, true, true],
  ['a chain', { chainLength: 2, chain: [3000, 2001] }, true, true],
  [
    'a layered provider',
    { chainLength: 0 },
    /entry 3000 .* layered provider, .* take a chain that has it: winsock2:4000;/,
    false,
  ],
  ['hidden', { providerFlags: PFL_HIDDEN | 8 }, /hidden .*PFL_HIDDEN/, false],
  ['no protocol zero, yet TCP', { providerFlags: 0 }, true, true],
  [
    'another protocol, meant for zero',
    { providerFlags: PFL_MATCHES_PROTOCOL_ZERO, protocolNumber: SCTP },
    true,
    true,
  ],
  [
    'another protocol, for peers that ask',
    { providerFlags: 0, protocolNumber: SCTP },
    true,
    false,
  ],
];

for (const [name, members, byId, automatically] of cases) {
  t.test(name, (t) => {
    const catalogEntryId = 3000;
    habits.more = [
      { ...entry(SOCK_STREAM), catalogEntryId, ...members },
      chain,
    ];
    const found = catalogEntries().map(({ info }) => info.catalogEntryId);
    t.equal(found.includes(catalogEntryId), automatically, 'by itself');
    if (byId === true) t.equal(namedEntries('3000').length, 1, 'by its id');
    else t.throws(() => namedEntries('3000'), { message: byId });
    t.end();
  });
}

t.test('a layered provider by the path of its DLL', (t) => {
  habits.more = [layered, chain];
  const name = path.join('layers', 'lsp.DLL');
  t.throws(() => namedEntries(name), {
    message: /layered provider \(entry 3000\).* take .*: winsock2:4000$/,
  });
  habits.more = [layered, { ...chain, providerFlags: PFL_HIDDEN }];
  t.throws(() => namedEntries(name), { message: /no chain of the catalog/ });
  habits.more = [{ ...layered, chainLength: 1 }];
  t.ok(namedEntries(name).length > 0, 'a base provider is started');
  t.end();
});

t.test('the command names providers without user data', async (t) => {
  const said = async () => {
    const { stdout, stderr } = await cli(['providers']);
    t.equal(stderr, '');
    return stdout;
  };
  habits.more = [];
  t.notMatch(await said(), /no entry declares/);
  habits.declares = false;
  t.match(
    await said(),
    /\nno entry declares both connect and disconnect data, .* framing\n$/,
  );
});
