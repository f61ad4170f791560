// Ends with connections in every state.
//
//   node exit.js <way> <folder for pipes>
import { exchange, serve } from '../support/exchange.js';
import { openEveryState } from '../support/states.js';

const [way, folder] = process.argv.slice(2) as [string, string];
const { server, target } = await serve();
await exchange(target);
const last = await openEveryState(folder);
last();
switch (way) {
  case 'exit':
    process.exit(7);
    break;
  case 'exit a tick later':
    process.nextTick(() => {
      process.nextTick(() => process.exit(7));
    });
    break;
  case 'exit in a listener':
    server.on('connection', () => process.exit(7));
    await exchange(target);
    break;
  case 'throw in a listener':
    server.on('connection', () => {
      throw new Error('of a listener');
    });
    await exchange(target);
    break;
  default:
    throw new RangeError(`no way: ${way}`);
}
