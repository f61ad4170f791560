import t from 'tap';
import { boxes } from '../proxies/boxes.js';
import { sessions, tally } from '../proxies/sessions.js';
import { lacks, through } from '../proxies/through.js';
import { testBoxes } from '../proxies/sessions-through.js';

// The rest of test/proxies/proxies.test.ts.

const nginx = boxes.find(({ name }) => name === 'nginx')!;
t.test('nginx, a thousand times', { skip: lacks(nginx) }, async (t) => {
  const way = await through(t, nginx);
  const session = () => sessions.clientFirst(way, 100);
  t.same(await tally(1000, 100, session), { 42: 1000 });
});

testBoxes(20);
