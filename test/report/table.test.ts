import t from 'tap';
import { Progress } from '../../cli/progress.js';
import { coloursFor } from '../../conformance/report/colours.js';
import { tableTitle } from '../../conformance/report/render.js';
import {
  TableReport,
  type TableOptions,
} from '../../conformance/report/table.js';
import { sampleReport } from './sample-reports.js';

/** An agent's command, longer than a line. */
const COMMAND = `./agent ${'--option '.repeat(20)}`;

const plain = coloursFor({ isTTY: false }, {});

/** A table of a run in which some failed, line by line. */
async function table(options: TableOptions): Promise<string[]> {
  const report = await sampleReport({ fault: 'drops-disconnect-data' });
  let text = '';
  const made = new TableReport(plain, (more) => (text += more), options);
  made.begin(
    tableTitle({ ...report, client: { description: COMMAND } }),
    report.runs.map(({ id, order }) => ({
      scenario: id,
      order,
      indication: '',
    })),
  );
  for (const run of report.runs) made.run(run);
  made.end(report);
  return text.split('\n');
}

t.test('the agents of a run have a line each', async (t) => {
  const [title, client, server, empty] = await table({});
  t.match(title, /^goodbyte conformance {2}\S+ on \S+ \S+$/);
  t.equal(client, `client  ${COMMAND}`);
  t.match(server, /^server {2}\S/);
  t.equal(empty, '');
});

t.test('a table fits its terminal', async (t) => {
  const lines = await table({ columns: 80 });
  for (const line of lines.slice(0, 3)) t.ok(line.length <= 80, line);
  t.match(lines[1], /^client {2}\.\/agent .*…$/);
  const rows = lines.filter((line) => line.endsWith(' ms'));
  t.ok(rows.length > 0);
  for (const line of rows) t.ok(line.length <= 80, line);
  t.ok(lines.some((line) => line.includes('…')));
});

t.test(
  'failures are repeated at the end, without their findings',
  async (t) => {
    const lines = await table({});
    const failed = lines.filter((line) => line.startsWith('failed  '));
    t.strictSame(failed, [
      'failed  disconnect-data/server-first  FAILED at step heard (WSARecvDisconnect) by the client, in 2 runs',
      'failed  eight-steps/fd-close  FAILED at step 7 (WSARecvDisconnect) by the client, in 5 runs',
    ]);
    const last = lines.findLastIndex((line) => line.endsWith(' ms'));
    t.ok(lines.indexOf(failed[0]!) > last);
  },
);

t.test('orders that fail alike have one finding', async (t) => {
  const text = (await table({})).join('\n');
  const [, own = ''] = text.split(/^(?=eight-steps\/fd-close )/m);
  t.equal(own.match(/^ {6}clause /gm)?.length, 1);
  t.equal(
    own.match(/^ {4}FAILED at step 7 .* by the client, as above$/gm)?.length,
    4,
  );
});

t.test('quiet: failures and the counts', async (t) => {
  const lines = await table({ quiet: true });
  const rows = lines.filter((line) => line.endsWith(' ms'));
  t.ok(rows.length > 0);
  for (const line of rows) t.match(line, /FAILED/);
  t.match(lines.at(-2), /runs: .*FAILED/);
});

t.test('progress on a pipe is a line every ten seconds', (t) => {
  const lines: unknown[] = [];
  let now = 0;
  const output = { write: (line: unknown) => lines.push(line) };
  const progress = new Progress(output, 3, { clock: () => now });
  for (const seconds of [1, 10, 19, 21]) {
    now = seconds * 1000;
    progress.show();
  }
  t.strictSame(lines, ['0 of 3 runs, 10 s\n', '0 of 3 runs, 21 s\n']);
  const quiet = new Progress(output, 3, { clock: () => now, quiet: true });
  now += 60_000;
  quiet.show();
  t.equal(lines.length, 2);
  t.end();
});
