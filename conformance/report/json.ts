import type { SuiteResult } from '../runner/result.js';
import { summarize, type Summary } from './summary.js';

/** What `--json` prints; report.schema.json describes it. */
export interface JsonReport extends SuiteResult {
  format: 'goodbyte-conformance';
  version: 1;
  goodbyte: string;
  node: string;
  platform: string;
  arch: string;
  summary: Summary;
}

export function jsonReport(result: SuiteResult, goodbyte: string): JsonReport {
  return {
    format: 'goodbyte-conformance',
    version: 1,
    goodbyte,
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    summary: summarize(result.runs),
    ...result,
  };
}
