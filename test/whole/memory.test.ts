import { testMemory } from '../lifecycle/support/memory.js';

testMemory('stream');
