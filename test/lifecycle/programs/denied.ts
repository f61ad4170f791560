// Listens and connects under Node's permission model.
import { connect, createServer } from '../../../src/index.js';

const seen: unknown[] = [];
const tell = (error: Error & { code?: string }) => {
  seen.push(error.code);
  if (seen.length === 4) process.stdout.write(JSON.stringify(seen));
};
createServer().on('error', tell).listen(0);
createServer().on('error', tell).listen(0, '127.0.0.1');
connect(1, '127.0.0.1').on('error', tell);
connect(1, 'localhost').on('error', tell);
