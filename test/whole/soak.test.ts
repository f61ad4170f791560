import { testCycles, testSessions, testTeardowns } from '../bench/soak-runs.js';

// The rest of test/bench/soak.test.ts.

testTeardowns(100);
testCycles('stream');
testSessions('stream');
testSessions('engine,stream');
testSessions('stream,engine');
testSessions('engine', '--eager-fin');
testSessions('stream', '--eager-fin');
