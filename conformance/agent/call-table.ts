import type { StepResult } from '../protocol/messages.js';
import { protocolSchema } from '../protocol/schema.js';
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

/** The members of `with` that a call takes: those of the protocol's schema. */
export const parametersOf = (call: string): readonly string[] =>
  Object.keys(protocolSchema().$defs.calls[call]?.properties ?? {});
