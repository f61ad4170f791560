import { serveAgent } from '../agent/agent.js';
import { LineChannel } from '../protocol/lines.js';
import { mutants } from './mutants.js';

// An agent, over stdin and stdout, with a mistake in its library; without one
// it is the right agent for comparison.

const [name] = process.argv.slice(2);
// C++ cannot be patched, so TypeScript handles frames here.
process.env['GOODBYTE_TRANSPORT'] = 'stream';
if (name !== undefined) mutants[name]!.apply();
await serveAgent(new LineChannel(process.stdin, process.stdout));
