import { once } from 'node:events';
import t from 'tap';
import { createServer, Socket } from '../../../src/index.js';
import { selectProvider } from '../../../src/provider/select.js';
import { WSAENOBUFS } from '../../../src/vocabulary/error-codes.js';
import { habits } from './fake.js';
import { useFake } from './with-fake.js';

// A catalog that cannot be read: framing works without it, and a later attempt may
// succeed.

useFake();

await t.test('while it cannot be read', async (t) => {
  habits.unreadable = WSAENOBUFS;
  t.equal(selectProvider().name, 'framed', 'auto');
  t.throws(() => selectProvider('winsock2:2001'), { message: /WSAENOBUFS/ });
  for (const begin of [
    () =>
      new Socket({ provider: 'winsock2' }).connect({
        port: 1,
        host: '127.0.0.1',
      }),
    () => createServer({ provider: 'winsock2' }).listen(0, '127.0.0.1'),
  ]) {
    const [error] = (await once(begin(), 'error')) as [Error];
    t.match(error, { code: 'ENOBUFS', message: /catalog .* cannot be read/ });
  }
});

await t.test('when it can be', (t) => {
  habits.unreadable = 0;
  t.equal(selectProvider().name, 'winsock2', 'auto');
  t.equal(selectProvider('winsock2:2001').name, 'winsock2:2001');
  t.end();
});
