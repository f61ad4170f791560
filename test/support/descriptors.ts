// A program that copies its standard input to its output, by descriptors.
import { Socket } from 'goodbyte';

const input = new Socket({ fd: 0, readable: true, writable: false });
const output = new Socket({ fd: 1, readable: false, writable: true });
input.pipe(output);
input.on('end', () => {
  process.stderr.write(`${input.readyState} ${String(input.disconnected)}\n`);
});
