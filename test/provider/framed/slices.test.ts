import { Duplex } from 'node:stream';
import t from 'tap';
import { writeInSlices } from '../../../src/provider/framed/stream/slices.js';

/** Writes that a Duplex received, and their callbacks. */
interface Given {
  octets: string[];
  done: (error?: Error | null) => void;
}

/** Holds its writes until told, then would write the waiting ones together. */
function slowDuplex(): { stream: Duplex; given: Given[] } {
  const given: Given[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      given.push({ octets: [chunk.toString()], done });
    },
    writev(chunks: { chunk: Buffer }[], done) {
      given.push({ octets: chunks.map(({ chunk }) => String(chunk)), done });
    },
  });
  return { stream, given };
}

t.test('a write in slices is reported slice by slice', async (t) => {
  const { stream, given } = slowDuplex();
  const told: unknown[] = [];
  const written = (error?: Error | null) => told.push(error ?? 'written');
  const inSlices = (text: string) => {
    writeInSlices(stream, Buffer.from(text), 2, written);
  };
  stream.cork();
  stream.write('head');
  inSlices('abcde');
  stream.uncork();
  inSlices('fgh');
  stream.write('i');
  stream.write('j');
  const left: number[] = [];
  for (let index = 0; index < given.length; index++) {
    left.push(stream.writableLength);
    given[index]!.done();
    await new Promise(setImmediate);
  }
  t.same(
    given.map(({ octets }) => octets),
    [['head'], ['ab'], ['cd'], ['e'], ['fg'], ['h'], ['i'], ['j']],
  );
  t.same(left, [14, 10, 8, 6, 5, 3, 2, 1]);
  t.same(told, ['written', 'written']);

  // From here on waiting writes are joined again.
  for (const text of ['k', 'l', 'm']) stream.write(text);
  given.at(-1)!.done();
  t.same(given.at(-1)!.octets, ['l', 'm']);
});

t.test('a stream that breaks reports it once', async (t) => {
  const { stream, given } = slowDuplex();
  const told: unknown[] = [];
  stream.on('error', () => {});
  writeInSlices(stream, Buffer.from('abcdef'), 2, (error) => {
    told.push(error?.message);
  });
  given[0]!.done(new Error('it broke'));
  await new Promise(setImmediate);
  t.equal(told.length, 1);
  t.ok(told[0]);
});
