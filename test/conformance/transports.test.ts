import {
  scenarios,
  serving,
  testBetween,
  transports,
} from '../support/between-transports.js';
import { chosenCases, representatives } from '../support/cases.js';

// Every scenario on the transport that serves here, and representative ones on the
// other; test/whole has all of those.

for (const transport of transports) {
  testBetween(
    transport,
    transport,
    transport === serving ? chosenCases(scenarios) : representatives(scenarios),
  );
}
