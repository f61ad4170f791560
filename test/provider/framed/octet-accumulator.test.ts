import t from 'tap';
import { OctetAccumulator } from '../../../src/provider/framed/octet-accumulator.js';
import { MAX_FRAME_PAYLOAD } from '../../../src/provider/framed/wire.js';

/** The memory that a payload of a few octets may take: a first small piece. */
const SMALL = 256;

const pattern = (length: number) =>
  Buffer.from(Array.from({ length }, (_, index) => index % 251));

for (const { title, length, pieceLength } of [
  { title: 'one piece', length: 1000, pieceLength: 1000 },
  { title: 'octet by octet', length: 3000, pieceLength: 1 },
  { title: 'odd pieces', length: 100_003, pieceLength: 1460 },
  { title: 'a last piece that is short', length: 257, pieceLength: 256 },
]) {
  t.test(`joins ${title}`, (t) => {
    const accumulator = new OctetAccumulator();
    const payload = pattern(length);
    accumulator.start(length);
    let worst = 0;
    for (let at = 0; at < length; at += pieceLength) {
      accumulator.append(payload.subarray(at, at + pieceLength));
      const come = length - accumulator.missing;
      const allowed = Math.min(length, Math.max(SMALL, 2 * come));
      worst = Math.max(worst, accumulator.capacity - allowed);
    }
    t.ok(worst <= 0, 'never above twice what has come, nor what is expected');
    t.equal(accumulator.missing, 0);
    t.ok(payload.equals(accumulator.take()));
    t.end();
  });
}

t.test('an announced length takes up nothing', (t) => {
  const accumulator = new OctetAccumulator();
  accumulator.start(MAX_FRAME_PAYLOAD);
  t.equal(accumulator.capacity, 0);
  accumulator.append(pattern(10));
  t.ok(accumulator.capacity <= SMALL, `${accumulator.capacity} octets`);
  t.equal(accumulator.missing, MAX_FRAME_PAYLOAD - 10);
  t.end();
});

t.test('take forgets: taken octets do not change', (t) => {
  const accumulator = new OctetAccumulator();
  accumulator.start(4);
  accumulator.append(Buffer.from('ab'));
  accumulator.append(Buffer.from('cd'));
  const first = accumulator.take();
  t.equal(accumulator.capacity, 0);
  accumulator.start(4);
  accumulator.append(Buffer.from('wxyz'));
  t.equal(Buffer.from(first).toString(), 'abcd');
  t.equal(Buffer.from(accumulator.take()).toString(), 'wxyz');
  t.end();
});

t.test('copies: a piece may be used again by its owner', (t) => {
  const accumulator = new OctetAccumulator();
  const piece = Buffer.from('ab');
  accumulator.start(3);
  accumulator.append(piece);
  piece.fill(0);
  accumulator.append(Buffer.from('c'));
  t.equal(Buffer.from(accumulator.take()).toString(), 'abc');
  t.end();
});
