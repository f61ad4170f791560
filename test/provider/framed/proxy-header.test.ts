import * as fc from 'fast-check';
import t from 'tap';
import {
  ProxyHeaderError,
  readProxyHeader,
} from '../../../src/provider/framed/stream/proxy-header.js';
import { binary, line } from '../../support/proxy-header.js';

const v4 = {
  remote: { family: 'IPv4', address: '192.0.2.7', port: 40_000 },
  local: { family: 'IPv4', address: '192.0.2.1', port: 443 },
};
const v6 = {
  remote: { family: 'IPv6', address: '2001:db8::7', port: 40_000 },
  local: { family: 'IPv6', address: '2001:db8::1', port: 443 },
};
const paths = {
  remote: { family: 'unix', address: '/run/caller', port: 0 },
  local: { family: 'unix', address: '', port: 0 },
};

const octets4 = Buffer.from([192, 0, 2, 7, 192, 0, 2, 1, 0x9c, 0x40, 1, 0xbb]);
const octets6 = Buffer.concat([
  Buffer.from('20010db8000000000000000000000007', 'hex'),
  Buffer.from('20010db8000000000000000000000001', 'hex'),
  octets4.subarray(8),
]);
const octetsOfPaths = Buffer.alloc(216);
octetsOfPaths.write('/run/caller');

const good: [string, Buffer, object | undefined][] = [
  ['TCP4', line('TCP4 192.0.2.7 192.0.2.1 40000 443'), v4],
  ['TCP6', line('TCP6 2001:db8::7 2001:DB8:0::1 40000 443'), v6],
  ['UNKNOWN', line('UNKNOWN'), undefined],
  ['UNKNOWN, with more', line('UNKNOWN ffff::1 ffff::2 1 2'), undefined],
  ['version 2, IPv4', binary(0x21, 0x11, octets4), v4],
  [
    'version 2, with TLVs',
    binary(0x21, 0x11, Buffer.concat([octets4, Buffer.of(4, 0, 1, 0)])),
    v4,
  ],
  ['version 2, IPv6', binary(0x21, 0x21, octets6), v6],
  ['version 2, paths', binary(0x21, 0x31, octetsOfPaths), paths],
  ['version 2, unspecified', binary(0x21, 0, Buffer.of(1, 2)), undefined],
  ['version 2, LOCAL', binary(0x20, 0x11, octets4), undefined],
];

t.test('headers', (t) => {
  const behind = Buffer.from('GOODBYTE');
  for (const [name, header, ends] of good) {
    const come = Buffer.concat([header, behind]);
    t.same(readProxyHeader(come), { length: header.length, ends }, name);
    for (let cut = 0; cut < header.length; cut++) {
      if (readProxyHeader(come.subarray(0, cut)) === undefined) continue;
      t.fail(`${name}: read at ${cut} of ${header.length} octets`);
    }
  }
  t.end();
});

const bad: [string, Buffer, RegExp][] = [
  ['a preface', Buffer.from('GOOD'), /expected a PROXY header.* 47 4f 4f 44/],
  ['no such line', Buffer.from('PROXX'), /expected a PROXY header/],
  ['a name', line('TCP4 a.example 192.0.2.1 1 2'), /wrong fields/],
  ['IPv6 as IPv4', line('TCP4 ::1 ::1 1 2'), /wrong fields/],
  ['IPv4 as IPv6', line('TCP6 192.0.2.7 192.0.2.1 1 2'), /wrong fields/],
  ['no port', line('TCP4 192.0.2.7 192.0.2.1 1'), /wrong fields/],
  ['one too many', line('TCP4 192.0.2.7 192.0.2.1 1 2 3'), /wrong fields/],
  ['a large port', line('TCP4 192.0.2.7 192.0.2.1 1 65536'), /wrong fields/],
  ['no number', line('TCP4 192.0.2.7 192.0.2.1 1 2x'), /wrong fields/],
  ['another protocol', line('UDP4 192.0.2.7 192.0.2.1 1 2'), /wrong fields/],
  ['no end', Buffer.from(`PROXY ${'x'.repeat(101)}`), /at most 107 octets/],
  ['version 1 in binary', binary(0x11, 0x11, octets4), /version 2.* got 11/],
  ['a command', binary(0x22, 0x11, octets4), /LOCAL or PROXY.* got 22/],
  ['datagrams', binary(0x21, 0x12, octets4), /no stream.* 12/],
  ['too long', binary(0x21, 0x11, Buffer.alloc(4081)), /at most 4,096 octets/],
  ['too short', binary(0x21, 0x21, octets4), /shorter than its addresses/],
];

t.test('octets that are not a header', (t) => {
  for (const [name, octets, message] of bad) {
    try {
      t.fail(`${name}: ${JSON.stringify(readProxyHeader(octets))}`);
    } catch (error) {
      t.type(error, ProxyHeaderError, name);
      t.match(error, { message }, name);
    }
  }
  t.end();
});

t.test('any input is read, refused, or incomplete', (t) => {
  const beginnings = fc.constantFrom(
    Buffer.alloc(0),
    line('TCP4 192.0.2.7').subarray(0, -2),
    binary(0x21, 0x11, Buffer.alloc(0)).subarray(0, -4),
  );
  fc.assert(
    fc.property(beginnings, fc.uint8Array(), (first, rest) => {
      const octets = Buffer.concat([first, rest]);
      try {
        const header = readProxyHeader(octets);
        return header === undefined || header.length <= octets.length;
      } catch (error) {
        return error instanceof ProxyHeaderError;
      }
    }),
  );
  t.end();
});
