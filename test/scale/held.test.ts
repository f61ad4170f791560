import { testHeld } from './holding.js';

// More than the usual limit of descriptors, 1024, and than a backlog; test/whole holds
// 15,000.
await testHeld(4000);
