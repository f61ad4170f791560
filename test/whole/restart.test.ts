import { testRestart } from '../scale/replacement.js';

testRestart(1000);
