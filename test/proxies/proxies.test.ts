import { testBoxes } from './sessions-through.js';

// test/whole runs twenty of each.
testBoxes(8);
