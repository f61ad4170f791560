import { testHeld } from '../scale/holding.js';

await testHeld(15_000);
