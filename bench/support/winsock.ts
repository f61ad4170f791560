import { WSAGetLastError } from '../../src/winsock/index.js';

/** @throws if a call failed, or an event reports a failure. */
export function must(result: number): void {
  if (result === 0) return;
  const code = result < 0 ? WSAGetLastError() : result;
  throw new Error(`failed with ${code}`);
}
