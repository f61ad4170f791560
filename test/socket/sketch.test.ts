import { once } from 'node:events';
import t from 'tap';
import { accept, createServer, reject } from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { portOf } from '../support/serve.js';

t.test('the sketch of docs and design runs as it is written', async (t) => {
  const tellers = {
    find: (name: unknown) =>
      Promise.resolve(
        String(name) === 'teller 7' ? { greeting: 'good morning' } : undefined,
      ),
  };
  let sum = 0;
  const ledger = { add: (total: number) => Promise.resolve((sum += total)) };

  const server = createServer(
    {
      async condition(request) {
        const teller = await tellers.find(request.callerData);
        return teller
          ? accept({ calleeData: teller.greeting })
          : reject('unknown teller');
      },
    },
    (socket) => {
      socket.answer = async (total) => String(await ledger.add(Number(total)));
    },
  );
  server.listen(0);
  await once(server, 'listening');
  const port = portOf(server);

  const socket = await connect({ port, callerData: 'teller 7' });
  t.equal(String(socket.calleeData), 'good morning');
  const grandTotal = await socket.disconnect('41');
  t.equal(String(grandTotal), '41');

  await t.rejects(connect({ port, callerData: 'teller 8' }), {
    code: 'ECONNREFUSED',
    winsock: { name: 'WSAECONNREFUSED', code: 10061 },
    rejectData: Buffer.from('unknown teller'),
  });
  server.close();
  await once(server, 'close');
});
