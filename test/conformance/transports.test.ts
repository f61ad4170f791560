import {
  scenarios,
  serving,
  testBetween,
  transports,
} from '../support/between-transports.js';
import { chosenCases, representatives } from '../support/cases.js';

// Every scenario on the transport that serves here; on the other one those that
// stand for the others, which test/whole has.

for (const transport of transports) {
  testBetween(
    transport,
    transport,
    transport === serving ? chosenCases(scenarios) : representatives(scenarios),
  );
}
