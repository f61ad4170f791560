import { testWorkers } from './support/workers.js';

// test/whole runs these on Node's own streams, whose handles end with a worker as they
// always do, and three at a time.
testWorkers('engine', 2);
