import { isFailure } from '../runner/verdict.js';
import {
  XP1_CONNECT_DATA,
  XP1_DISCONNECT_DATA,
  XP1_GRACEFUL_CLOSE,
} from '../../src/vocabulary/constants.js';
import type { JsonReport } from './types.js';

interface Row {
  readonly name: string;
  /** The service flag that declares it. */
  readonly flag: number;
  /** Of its scenarios. */
  readonly folder: string;
  /** For a program, where it holds, and where it does not. */
  readonly can: string;
  readonly cannot: string;
}

const rows: readonly Row[] = [
  {
    name: 'connect data',
    flag: XP1_CONNECT_DATA,
    folder: 'connect-data/',
    can: 'a caller can send data with its connect, and be answered with data',
    cannot: 'no data goes with a connect',
  },
  {
    name: 'disconnect data',
    flag: XP1_DISCONNECT_DATA,
    folder: 'disconnect-data/',
    can: 'each side can say a last word',
    cannot: 'last words are not carried',
  },
  {
    name: 'graceful close',
    flag: XP1_GRACEFUL_CLOSE,
    folder: 'close/',
    can: 'nothing that was sent is lost at close',
    cannot: 'what was sent may be lost at close',
  },
];

/** A sentence for each capability: declared, observed, and what follows. */
export function capabilitySentences(report: JsonReport): string[] {
  const agents = [report.client, report.server].filter((one) => one !== null);
  return rows.map(({ name, flag, folder, can, cannot }) => {
    const isDeclared = agents.every(({ protocols }) =>
      protocols.some(({ serviceFlags1 }) => (serviceFlags1 & flag) !== 0),
    );
    const own = report.runs.filter(({ scenario }) =>
      scenario.startsWith(folder),
    );
    const failed = own.filter((run) => isFailure(run.verdict, report.strict));
    if (!isDeclared) return `${name}: not declared; ${cannot}.`;
    if (own.length === 0) return `${name}: declared, and not run here.`;
    return failed.length === 0
      ? `${name}: declared, and observed in all of ${own.length} runs; ${can}.`
      : `${name}: declared, but ${failed.length} of ${own.length} runs failed; ` +
          'a program cannot rely on it.';
  });
}
