import { testBoxes } from './sessions-through.js';

// Twenty of each in test/whole.
testBoxes(8);
