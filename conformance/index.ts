/** The conformance suite: run it from the command line, or from your tests. */
export { serveAgent, type AgentOptions } from './agent/agent.js';
export { libraryCalls, type Calls } from './agent/calls.js';
export {
  ConformanceError,
  conformanceCases,
  type ConformanceCase,
  type ConformanceCases,
  type ConformanceOptions,
} from './cases.js';
export type { MessageChannel } from './protocol/channel.js';
export { HELLO_LIMIT, LINE_LIMIT, LineChannel } from './protocol/lines.js';
export * from './protocol/messages.js';
export { jsonReport } from './report/model.js';
export type { JsonReport } from './report/types.js';
export { renderReport, type ReportFormat } from './report/render.js';
export { ExitCode, exitCodeOf, summarize } from './report/summary.js';
export type { Summary } from './report/types.js';
export { AgentLost } from './runner/agent-link.js';
export {
  inProcessAgent,
  type AgentSource,
  type StartedAgent,
} from './runner/agent-source.js';
export { childAgent } from './runner/child-agent.js';
export { splitCommandLine } from './runner/command-line.js';
export { connectingAgent } from './runner/connecting-agent.js';
export { planRuns, type Plan, type PlannedRun } from './runner/plan.js';
export type {
  AgentDescription,
  Broken,
  RunName,
  RunResult,
  SuiteResult,
} from './runner/result.js';
export { DEFAULT_TIMEOUT, jobsFor } from './runner/stations.js';
export { runSuite, SuiteBroken, type SuiteOptions } from './runner/suite.js';
export type { Finding } from './runner/verdict.js';
export {
  loadScenarios,
  matchesGlob,
  parseScenario,
  scenarioFolder,
  ScenarioError,
  scenarioSchema,
} from './scenario/load.js';
export type * from './scenario/types.js';
