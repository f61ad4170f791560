// Ends its connection in the same tick as its last word, with nothing else to do.
//
//   node last-word.js <target as JSON>
import { connect } from '../../../src/promises.js';
import type { Target } from '../support/exchange.js';

const target = JSON.parse(process.argv[2]!) as Target;
const socket = await connect({ ...target, callerData: 'a child' });
socket.unref();
socket.write(Buffer.alloc(8 * 1024 * 1024));
socket.disconnect('from a process at its end').catch(() => {});
socket.destroySoon();
