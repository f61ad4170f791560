import t from 'tap';
import { onTransports, report } from './support/children.js';

onTransports(t, 'listeners that throw', async (t, transport) => {
  const octets = Array.from({ length: 25 }, (_, index) => `word ${index}\n`);
  const { length } = octets.join('');
  t.same(await report(t, 'listeners', [], { transport }), {
    answers: Array.from({ length: 40 }, () => ({
      heard: length,
      answer: String(length),
    })),
    thrown: true,
  });
});
