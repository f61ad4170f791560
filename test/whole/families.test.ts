import { loadScenarios } from '../../conformance/index.js';
import { representatives } from '../support/cases.js';
import { testOverFamily } from '../support/over-family.js';

// The rest of test/conformance/families.test.ts.

const scenarios = loadScenarios();
const standsForOthers = representatives(scenarios);

testOverFamily(
  'IPv6',
  scenarios,
  'disconnect-data/',
  (tested) => !standsForOthers(tested),
);
