import { testWorkers } from '../lifecycle/support/workers.js';

testWorkers('stream');
