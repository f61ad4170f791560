import { serveAgent } from '../agent/agent.js';
import { LineChannel } from '../protocol/lines.js';
import { mutants } from './mutants.js';

// An agent, over stdin and stdout, whose library has a mistake in it; without
// one it is the right agent that the others are compared with.

const [name] = process.argv.slice(2);
// C++ takes no patches: frames are TypeScript's here.
process.env['GOODBYTE_TRANSPORT'] = 'stream';
if (name !== undefined) mutants[name]!.apply();
await serveAgent(new LineChannel(process.stdin, process.stdout));
