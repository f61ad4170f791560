// A teller that posts one row, prints a line, and waits to be killed.
import { connect } from 'goodbyte/promises';

const [name, port] = process.argv.slice(2);
const socket = await connect({
  port: port!,
  host: '127.0.0.1',
  callerData: name!,
});
socket.write(`1,2026-01-02,${name},100,100\n`, () => {
  process.stdout.write('posted\n');
});
