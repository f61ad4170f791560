import { isFailure } from '../runner/verdict.js';
import {
  XP1_CONNECT_DATA,
  XP1_DISCONNECT_DATA,
  XP1_GRACEFUL_CLOSE,
  XP1_MESSAGE_ORIENTED,
} from '../../src/vocabulary/constants.js';
import type { JsonReport } from './types.js';

interface Row {
  readonly name: string;
  /** The service flag that declares it, if Winsock has one. */
  readonly flag?: number;
  /** The folder of its scenarios. */
  readonly folder: string;
  /** The meaning for a program, if it holds and if it does not. */
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
    can: 'no sent data is lost at close',
    cannot: 'sent data may be lost at close',
  },
  {
    name: 'messages',
    flag: XP1_MESSAGE_ORIENTED,
    folder: 'messages/',
    can: 'a receiver gets each message whole',
    cannot: 'only streams of octets are carried',
  },
  {
    name: 'conditional accept',
    folder: 'conditional-accept/',
    can: 'a callee decides before a caller is connected',
    cannot: 'every caller is connected before the callee decides',
  },
  {
    name: 'quality of service',
    folder: 'qos/',
    can: 'a caller can ask for a quality of service, and the callee sees it',
    cannot: 'a wanted quality of service does not reach the callee',
  },
];

/** A sentence for each capability: declared, observed, and the consequence. */
export function capabilitySentences(report: JsonReport): string[] {
  return rows.map((row) => `${row.name}: ${verdictOn(row, report)}.`);
}

function verdictOn(row: Row, report: JsonReport): string {
  const declared = declaration(row, report);
  if (declared === undefined) return `not declared; ${row.cannot}`;
  const own = report.runs.filter(({ scenario }) =>
    scenario.startsWith(row.folder),
  );
  if (own.length === 0) return `${declared}; ${row.folder}* was not run`;
  if (own.every(({ verdict }) => verdict === 'UNIMPLEMENTED')) {
    return `${declared}; not implemented: ${row.cannot}`;
  }
  const failed = own.filter((run) => isFailure(run.verdict, report.strict));
  return failed.length === 0
    ? `${declared}, and observed in all of ${own.length} runs; ${row.can}`
    : `${declared}, but ${failed.length} of ${own.length} runs failed; ` +
        'a program cannot rely on it';
}

/** Nothing if a flag could declare it, and one of the agents sets none. */
function declaration(
  { flag }: Row,
  { client, server }: JsonReport,
): string | undefined {
  if (flag === undefined) return 'without a service flag';
  const agents = [client, server].filter((one) => one !== null);
  const isDeclared = agents.every(({ protocols }) =>
    protocols.some(({ serviceFlags1 }) => (serviceFlags1 & flag) !== 0),
  );
  return isDeclared ? 'declared' : undefined;
}
