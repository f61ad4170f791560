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
  sendDisconnect,
  shutdown,
  sum,
} from './call-teardown.js';
import type { Run } from './run.js';

export type Call = (
  run: Run,
  parameters: Parameters,
) => StepResult | Promise<StepResult>;

interface Entry {
  call: Call;
  /** The members of `with` that it knows. */
  takes: readonly string[];
}

const entry = (call: Call, ...takes: string[]): Entry => ({ call, takes });

/** The function behind each call of a scenario. */
export const callTable: Readonly<Record<string, Entry>> = {
  WSASocket: entry(openSocket, 'socket', 'listens', 'options'),
  listen: entry(listen, 'socket', 'options'),
  WSAConnect: entry(
    connect,
    'socket',
    'to',
    'callerData',
    'calleeCapacity',
    'sqos',
    'gqos',
    'options',
  ),
  WSAWaitForMultipleEvents: entry(awaitEvent, 'socket', 'event', 'within'),
  WSAAccept: entry(
    accept,
    'listener',
    'socket',
    'condition',
    'select',
    'wait',
    'repeat',
  ),
  WSASend: entry(send, 'socket', 'data'),
  'WSASend*': entry(sendAll, 'socket', 'messages'),
  WSARecv: entry(receive, 'socket', 'capacity', 'peek', 'store'),
  'WSARecv*': entry(receiveAll, 'socket', 'until', 'store'),
  shutdown: entry(shutdown, 'socket', 'how'),
  WSASendDisconnect: entry(sendDisconnect, 'socket', 'data'),
  'WSASendDisconnect+closesocket': entry(disconnectAndClose, 'socket', 'data'),
  WSARecvDisconnect: entry(receiveDisconnect, 'socket', 'capacity', 'store'),
  closesocket: entry(close, 'socket'),
  setsockopt: entry(setOption, 'socket', 'option', 'value', 'data'),
  getsockopt: entry(getOption, 'socket', 'option'),
  sum: entry(sum, 'of', 'plus', 'store'),
  'plain.listen': entry(plainListen, 'socket'),
  'plain.accept': entry(plainAccept, 'listener', 'socket'),
  'plain.connect': entry(plainConnect, 'socket', 'to'),
  'plain.send': entry(plainSend, 'socket', 'data', 'times', 'drip', 'until'),
  'plain.receive': entry(
    plainReceive,
    'socket',
    'until',
    'count',
    'store',
    'frames',
  ),
  'plain.end': entry(plainEnd, 'socket'),
  'plain.reset': entry(plainReset, 'socket'),
};
