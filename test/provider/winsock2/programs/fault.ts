import { Socket } from '../../../../src/index.js';

// Connects through a provider whose DLL faults in WSPConnect, which ends this process.
const [, , provider] = process.argv;
new Socket({ provider }).connect({ port: 1, host: '127.0.0.1' });
