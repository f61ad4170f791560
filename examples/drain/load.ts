// Many clients in one process, which send lines until told to finish.
import { Client, Counts } from './client.js';

/** Messages to the supervisor, some of them only signs of life. */
export type LoadMessage =
  { type: 'answered' } | { type: 'finished'; counts: Counts };

const [path, clients, step] = process.argv.slice(2);
const tell = (message: LoadMessage) => process.send!(message);

const counts = new Counts();
const onanswer = () => {
  if (counts.answered % Number(step) === 0) tell({ type: 'answered' });
};
const all = Array.from(
  { length: Number(clients) },
  (_, index) => new Client(`client ${index + 1}`, path!, counts, onanswer),
);
process.once('message', () => {
  for (const client of all) client.finish();
});
process.once('disconnect', () => process.exit());

await Promise.all(all.map((client) => client.run()));
tell({ type: 'finished', counts });
process.disconnect();
