// A program that writes in one tick, and exits in the same: `argv[3]` says where.
import { connect } from 'goodbyte';

const socket = connect(Number(process.argv[2]), '127.0.0.1');

function write(): void {
  for (let line = 0; line < 100; line++) socket.write(`line ${line}\n`);
}

const ways: Record<string, () => void> = {
  'behind the writes'() {
    write();
    process.exit();
  },
  'before the writes, which a listener makes'() {
    process.on('exit', write);
    process.exit();
  },
  'by an error'() {
    write();
    throw new Error('nobody catches this');
  },
};

socket.on('connect', () => {
  setImmediate(ways[process.argv[3]!]!);
});
