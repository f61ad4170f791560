import t from 'tap';
import { shareOf } from '../../../src/provider/framed/share.js';

const shares: [share: string, ...addresses: string[]][] = [
  ['192.0.2.7', '192.0.2.7', '::ffff:192.0.2.7', '::FFFF:c000:207'],
  ['0.0.0.1', '0.0.0.1', '::ffff:0.0.0.1'],
  ['0:0:0:0::/64', '::1', '::', '0:0:0:0:ffff::', '::c000:207'],
  [
    '2001:db8:0:1::/64',
    '2001:db8:0:1::1',
    '2001:DB8:0:1:ffff:ffff:ffff:ffff',
    '2001:0db8:0000:0001::',
    '2001:db8::1:0:0:0:0',
  ],
  ['2001:db8:0:2::/64', '2001:db8:0:2::1'],
  ['fe80:0:0:0::/64', 'fe80::1%eth0', 'fe80::2'],
  ['1:0:0:0::/64', '1::'],
];

for (const [share, ...addresses] of shares) {
  t.test(share, (t) => {
    for (const address of addresses) t.equal(shareOf(address), share, address);
    t.end();
  });
}
