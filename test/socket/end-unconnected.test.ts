import t from 'tap';
import { Socket } from '../../src/index.js';

await t.test('end() calls back without a connection', async () => {
  const socket = new Socket();
  await new Promise<void>((resolve) => {
    socket.end(resolve);
  });
  socket.destroy();
});
