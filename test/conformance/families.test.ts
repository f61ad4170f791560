import { loadScenarios } from '../../conformance/index.js';
import { chosenCases, representatives } from '../support/cases.js';
import { testOverFamily } from '../support/over-family.js';
import { isWindows } from '../support/platform.js';

// A named pipe of Windows ends in both directions at once: an end that breaks the
// wire format cannot receive the answer.
const endsBothWays = isWindows;

const scenarios = loadScenarios();

// IPv6 differs from IPv4 only in addresses: here it runs representative cases, and
// test/whole has all of them. A pipe ends otherwise than TCP.
testOverFamily('IPv6', scenarios, 'plain-peer/', representatives(scenarios));

const overPipes = scenarios.filter(
  ({ id }) => !(endsBothWays && id.startsWith('wire-')),
);
testOverFamily('unix', overPipes, 'plain-peer/', chosenCases(overPipes));
