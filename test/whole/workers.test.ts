import { testWorkers } from '../lifecycle/support/workers.js';

testWorkers('engine', 3);
testWorkers('stream', 3);
