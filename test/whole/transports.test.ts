import {
  scenarios,
  serving,
  testBetween,
  transports,
} from '../support/between-transports.js';
import { representatives } from '../support/cases.js';

// The rest of test/conformance/transports.test.ts: between the transports, and all cases
// on the one that is not used by default here.

const standsForOthers = representatives(scenarios);

for (const client of transports) {
  for (const server of transports) {
    if (client !== server) testBetween(client, server);
    else if (client !== serving) {
      testBetween(client, server, (tested) => !standsForOthers(tested));
    }
  }
}
