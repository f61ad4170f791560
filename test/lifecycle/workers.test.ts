import { testWorkers } from './support/workers.js';

// On Node's own streams, whose handles end with a worker as they always do,
// test/whole runs them, and three at a time.
testWorkers('engine', 2);
