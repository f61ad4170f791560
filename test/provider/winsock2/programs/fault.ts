import { Socket } from '../../../../src/index.js';

// Connects by a provider whose DLL faults in WSPConnect, and with it this.
const [, , provider] = process.argv;
new Socket({ provider }).connect({ port: 1, host: '127.0.0.1' });
