import { readFileSync } from 'node:fs';
import { packageFile } from '../package-file.js';
import type { StepResult } from '../protocol/messages.js';
import {
  accept,
  awaitEvent,
  connect,
  listen,
  openSocket,
  type Parameters,
} from './call-connection.js';
import { receive, receiveAll, send, sendAll } from './call-data.js';
import { getOption, setOption } from './call-options.js';
import {
  plainAccept,
  plainConnect,
  plainEnd,
  plainListen,
  plainReceive,
  plainReset,
  plainSend,
} from './call-plain.js';
import {
  close,
  disconnectAndClose,
  receiveDisconnect,
  receiveNotice,
  sendDisconnect,
  sendNotice,
  shutdown,
  sum,
} from './call-teardown.js';
import type { Run } from './run.js';

export type Call = (
  run: Run,
  parameters: Parameters,
) => StepResult | Promise<StepResult>;

/** The function behind each call of a scenario. */
export const callTable: Readonly<Record<string, Call>> = {
  WSASocket: openSocket,
  listen,
  WSAConnect: connect,
  WSAWaitForMultipleEvents: awaitEvent,
  WSAAccept: accept,
  WSASend: send,
  'WSASend*': sendAll,
  WSARecv: receive,
  'WSARecv*': receiveAll,
  shutdown,
  WSASendDisconnect: sendDisconnect,
  'WSASendDisconnect+closesocket': disconnectAndClose,
  WSARecvDisconnect: receiveDisconnect,
  closesocket: close,
  'notice.send': sendNotice,
  'notice.receive': receiveNotice,
  setsockopt: setOption,
  getsockopt: getOption,
  sum,
  'plain.listen': plainListen,
  'plain.accept': plainAccept,
  'plain.connect': plainConnect,
  'plain.send': plainSend,
  'plain.receive': plainReceive,
  'plain.end': plainEnd,
  'plain.reset': plainReset,
};

let described: Record<string, { properties: object }> | undefined;

/** The members of `with` that a call takes: those of the protocol's schema. */
export function parametersOf(call: string): readonly string[] {
  if (described === undefined) {
    const file = packageFile(
      'conformance',
      'protocol',
      'agent-protocol.schema.json',
    );
    const schema = JSON.parse(readFileSync(file, 'utf8')) as {
      $defs: { calls: typeof described };
    };
    described = schema.$defs.calls!;
  }
  return Object.keys(described[call]?.properties ?? {});
}
