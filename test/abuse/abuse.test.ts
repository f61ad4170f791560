// Runs the documentation's servers, word for word, against hostile callers. With
// GOODBYTE_ABUSE=10 ten times as much, including the guides' servers, and each server
// on each transport.
import t, { type Test } from 'tap';
import { loadNative } from '../../src/native.js';
import { connect } from '../../src/promises.js';
import { samplesOf } from '../support/samples.js';
import {
  breakRules,
  chatter,
  endAnywhere,
  flood,
  leave,
  openMany,
  sayMuch,
  sendOddFields,
  takeLittle,
  usualCall,
} from './strangers.js';
import { Subject } from './subject.js';

const asked = process.env['GOODBYTE_ABUSE'];
const times = Number(asked ?? 1);
const MiB = 2 ** 20;

/** More callers than may wait for a verdict at once. */
const MANY = 1100;

interface Server {
  name: string;
  program: string;
  /** Calls as a known teller, and resolves with the answer. */
  answers(port: number, teller: number): Promise<string>;
  expected: string;
}

async function tell(port: number, teller: number): Promise<string> {
  const socket = await connect({
    port,
    host: '127.0.0.1',
    callerData: `teller ${teller}`,
  });
  socket.on('error', () => {});
  socket.write(`${teller} in\n`);
  const answer = await socket.disconnect(String(teller));
  return `${String(socket.calleeData)}, ${/\d/.test(String(answer)) ? 'answered' : String(answer)}`;
}

const [readme] = samplesOf('README.md').filter(({ code }) =>
  code.includes('server.listen(4711)'),
);
const [api] = samplesOf('docs/api.md').filter(({ code }) =>
  code.includes('await listen(server, { port: 4711 })'),
);

/** The API's sample, up to the part that calls. */
const onFreePort = (code: string) =>
  code
    .slice(0, code.indexOf('const socket = await connect'))
    .replace('{ port: 4711 }', "{ port: 0, host: '127.0.0.1' }")
    // Its server reads data that the sample does not show.
    .concat("server.on('connection', (socket) => socket.resume());");

/** A guide's server, which accepts the strangers, so that they get further. */
function guideOf(page: string, isKnown: RegExp): Server {
  const [guide] = samplesOf(page).filter(({ code }) =>
    code.includes('server.listen(4711)'),
  );
  return {
    name: page,
    program: guide!.code
      .replace('4711', "0, '127.0.0.1'")
      .replace(isKnown, "String(callerData).startsWith('teller')"),
    answers: greet,
    expected: 'served',
  };
}

async function greet(port: number, teller: number): Promise<string> {
  const callerData = `teller ${teller}`;
  const call = { port, host: '127.0.0.1', callerData };
  const socket = await connect(call).catch(() =>
    connect({ ...call, socketType: 'message' }),
  );
  socket.on('error', () => {}).resume();
  await socket.disconnect();
  return 'served';
}

const guides = [
  guideOf('docs/guides/from-net.md', /known\.has\(String\(callerData\)\)/),
  guideOf('docs/guides/from-ws.md', /String\(callerData\) === 'token 1'/),
];

const servers: Server[] = [
  {
    name: 'the ledger of the README',
    // Except for its port, which may be taken.
    program: readme!.code.replace('4711', "0, '127.0.0.1'"),
    answers: tell,
    expected: 'good morning, answered',
  },
  {
    name: 'the first example of the API',
    program: onFreePort(api!.code),
    answers: tell,
    expected: 'good morning, answered',
  },
  ...(asked === undefined ? [] : guides),
];

async function isServed(
  t: Test,
  server: Server,
  subject: Subject,
  when: string,
): Promise<void> {
  let heard: string;
  try {
    heard = await server.answers(subject.port, 7);
  } catch (error) {
    heard = (error as NodeJS.ErrnoException).code ?? String(error);
  }
  t.equal(heard, server.expected, `an honest caller ${when}`, {
    death: subject.death,
  });
}

/** Asks again until everything that the strangers left is gone. */
async function isAtRest(subject: Subject): Promise<number | undefined> {
  for (;;) {
    const { connections, descriptors } = await subject.vitals();
    if (connections === 0) return descriptors;
  }
}

async function abuse(t: Test, server: Server, transport: string) {
  const subject = await Subject.start(t, server.program, transport);
  const { port } = subject;
  await isServed(t, server, subject, 'at first');
  await flood(port, 100);
  const before = await subject.vitals();

  const strangers: [string, () => Promise<unknown>][] = [
    ['invalid octets', () => breakRules(port)],
    ['odd fields', () => sendOddFields(port)],
    ['ends at each octet', () => endAnywhere(port)],
    ['odd limits', () => takeLittle(port)],
    ['long first words', () => sayMuch(port)],
    ['a flood', () => flood(port, 300)],
    ['tiny frames', () => chatter(port, 20_000)],
  ];
  const silent = await openMany(port, 50, Buffer.alloc(0));
  for (let round = 0; round < times; round++) {
    for (const [what, come] of strangers) {
      const coming = come();
      await isServed(t, server, subject, `during ${what}`);
      await coming;
      await isServed(t, server, subject, `after ${what}`);
    }
    const many = await openMany(port, MANY, usualCall);
    await isServed(t, server, subject, `beside ${MANY} others`);
    await leave(many);
    await isServed(t, server, subject, 'after they have left');
  }
  await leave(silent);

  t.equal(subject.death, undefined, 'it lives');
  if (subject.death !== undefined) return;
  t.equal(subject.complaints, '', 'and has written no complaint');
  const after = await subject.vitals();
  t.ok(
    after.rss - before.rss < 150 * MiB,
    `memory is bounded (${Math.round((after.rss - before.rss) / MiB)} MiB more)`,
  );
  const descriptors = await isAtRest(subject);
  if (descriptors !== undefined && before.descriptors !== undefined) {
    t.ok(descriptors <= before.descriptors + 4, `${descriptors} descriptors`);
  }
}

t.setTimeout(120_000 * times);

const loaded = loadNative();
for (const [index, server] of servers.entries()) {
  const transports = ['engine', 'stream'];
  const chosen = asked === undefined ? [transports[index]!] : transports;
  for (const transport of chosen) {
    const skip =
      transport === 'engine' && !loaded.native && `no addon: ${loaded.reason}`;
    t.test(`${server.name} (${transport})`, { skip }, (t) =>
      abuse(t, server, transport),
    );
  }
}
