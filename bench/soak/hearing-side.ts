import {
  FD_CLOSE,
  FD_CONNECT,
  FD_READ,
  FD_CLOSE_BIT,
  FD_CONNECT_BIT,
  SOCK_STREAM,
  SOCKET_ERROR,
  WSAConnect,
  WSACreateEvent,
  WSAEnumNetworkEvents,
  WSAEventSelect,
  WSARecv,
  WSARecvDisconnect,
  WSASend,
  WSASocket,
  closesocket,
  type SOCKADDR,
} from '../../src/winsock/index.js';
import type { Medium } from './media.js';
import { LAST_WORD, QUEUED, UNREAD, type Way } from './ways.js';

const unread = Buffer.alloc(UNREAD, 'u');
const into = Buffer.alloc(64 * 1024);

/**
 * Makes one connection: sends what the closing side will not read, and receives
 * its last word.
 *
 * @returns a description of the loss, or `undefined`.
 */
export function hear(
  medium: Medium,
  name: SOCKADDR,
  way: Way,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = WSASocket(medium.family, SOCK_STREAM, 0, null, {
      tls: medium.clientTls,
    });
    const occurred = { networkEvents: 0, errorCode: [] as number[] };
    let received = 0;
    const end = (lost?: string) => {
      closesocket(socket);
      resolve(lost);
    };
    const event = WSACreateEvent(() => {
      WSAEnumNetworkEvents(socket, event, occurred);
      const { networkEvents, errorCode } = occurred;
      if (networkEvents & FD_CONNECT) {
        const error = errorCode[FD_CONNECT_BIT];
        if (error) return end(`connect failed with ${error}`);
        WSASend(socket, unread);
      }
      if (networkEvents & FD_READ) {
        let count;
        while ((count = WSARecv(socket, into)) > 0) received += count;
      }
      if (networkEvents & FD_CLOSE) {
        end(judge(way, received, errorCode[FD_CLOSE_BIT]!, lastWord()));
      }
    });
    const lastWord = () => {
      const heard = { buf: into, len: into.length };
      return WSARecvDisconnect(socket, heard) === SOCKET_ERROR
        ? undefined
        : into.subarray(0, heard.len);
    };
    WSAEventSelect(socket, event, FD_CONNECT | FD_READ | FD_CLOSE);
    WSAConnect(socket, name);
  });
}

/** Checks that none of the closing side's words was lost. */
function judge(
  way: Way,
  octets: number,
  error: number,
  word: Uint8Array | undefined,
): string | undefined {
  if (error !== 0) return `the connection was reset (${error})`;
  if (octets !== (way === 'behind-1-MiB' ? QUEUED : 0)) {
    return `${octets} octets came before the close`;
  }
  return word && LAST_WORD.equals(word) ? undefined : 'no last word';
}
