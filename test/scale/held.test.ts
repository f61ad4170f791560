import { testHeld } from './holding.js';

// More than a descriptor's usual limit, 1024, and than a backlog; test/whole has
// 15,000.
await testHeld(4000);
