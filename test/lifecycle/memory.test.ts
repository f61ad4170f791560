import { loadNative } from '../../src/native.js';
import { testMemory } from './support/memory.js';

// On the transport that the library chooses here; the other is in test/whole.
testMemory(loadNative().native ? 'engine' : 'stream');
