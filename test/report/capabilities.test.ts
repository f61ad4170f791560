import t from 'tap';
import { capabilitySentences } from '../../conformance/report/capabilities.js';
import { XP1_DISCONNECT_DATA } from '../../src/vocabulary/constants.js';
import { sampleReport } from './sample-reports.js';

const of = (sentences: string[], name: string) =>
  sentences.find((one) => one.startsWith(`${name}: `));

t.test('a verdict in words', async (t) => {
  const good = capabilitySentences(await sampleReport());
  t.equal(
    of(good, 'connect data'),
    'connect data: declared; connect-data/* was not run.',
  );
  t.match(
    of(good, 'disconnect data'),
    /declared, and observed in all of \d+ runs; each side can say a last word\.$/,
  );
  const bad = await sampleReport({ fault: 'drops-disconnect-data' });
  t.match(
    of(capabilitySentences(bad), 'disconnect data'),
    /declared, but \d+ of \d+ runs failed; a program cannot rely on it\.$/,
  );
  for (const entry of bad.server!.protocols) {
    entry.serviceFlags1 &= ~XP1_DISCONNECT_DATA;
  }
  t.equal(
    of(capabilitySentences(bad), 'disconnect data'),
    'disconnect data: not declared; last words are not carried.',
  );
  t.equal(
    of(good, 'conditional accept'),
    'conditional accept: without a service flag; conditional-accept/* was not run.',
  );
  for (const run of bad.runs) {
    run.scenario = 'qos/travels';
    run.verdict = 'UNIMPLEMENTED';
  }
  t.match(
    of(capabilitySentences(bad), 'quality of service'),
    'without a service flag; not implemented: a wanted quality',
  );
});
