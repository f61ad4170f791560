import { testRestart } from './replacement.js';

// With a thousand callers test/whole has it.
testRestart(400);
