import { testRestart } from './replacement.js';

// test/whole does this with a thousand callers.
testRestart(400);
