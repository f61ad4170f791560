import { writeFileSync } from 'node:fs';

/** Octets that one side sends in one packet. */
export interface Segment {
  readonly from: 'caller' | 'callee';
  readonly octets: Uint8Array;
  /** With FIN after it. */
  readonly fin?: boolean;
}

const RAW_IP = 101;
const SYN = 2;
const ACK = 16;
const FIN = 1;

/** Writes TCP connections into a capture file, one after the other. */
export function writeCapture(
  file: string,
  connections: readonly (readonly Segment[])[],
  calleePort: number,
): void {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(0xffff, 16);
  header.writeUInt32LE(RAW_IP, 20);
  const parts = [header];
  let second = 0;
  for (const [index, segments] of connections.entries()) {
    const next = { caller: 1000, callee: 5000 };
    const ports = { caller: 20_000 + index, callee: calleePort };
    const add = (
      from: Segment['from'],
      octets: Uint8Array,
      flags: number,
    ): void => {
      const to = from === 'caller' ? 'callee' : 'caller';
      const packet = Buffer.alloc(40);
      packet[0] = 0x45;
      packet.writeUInt16BE(40 + octets.length, 2);
      packet[8] = 64;
      packet[9] = 6;
      packet.set([10, 0, 0, from === 'caller' ? 1 : 2], 12);
      packet.set([10, 0, 0, from === 'caller' ? 2 : 1], 16);
      packet.writeUInt16BE(ports[from], 20);
      packet.writeUInt16BE(ports[to], 22);
      packet.writeUInt32BE(next[from], 24);
      packet.writeUInt32BE(next[to], 28);
      packet[32] = 0x50;
      packet[33] = flags;
      packet.writeUInt16BE(0xffff, 34);
      next[from] += octets.length + (flags & (SYN | FIN) ? 1 : 0);
      const record = Buffer.alloc(16);
      record.writeUInt32LE(second++, 0);
      record.writeUInt32LE(40 + octets.length, 8);
      record.writeUInt32LE(40 + octets.length, 12);
      parts.push(record, packet, Buffer.from(octets));
    };
    add('caller', Buffer.alloc(0), SYN);
    add('callee', Buffer.alloc(0), SYN | ACK);
    add('caller', Buffer.alloc(0), ACK);
    for (const { from, octets, fin } of segments) {
      add(from, octets, ACK | (fin ? FIN : 0));
    }
  }
  writeFileSync(file, Buffer.concat(parts));
}
