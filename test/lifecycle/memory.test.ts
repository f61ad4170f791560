import { loadNative } from '../../src/native.js';
import { testMemory } from './support/memory.js';

// Tests the transport that the library chooses here; test/whole tests the other.
testMemory(loadNative().native ? 'engine' : 'stream');
