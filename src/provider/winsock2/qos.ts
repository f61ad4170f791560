import {
  flowspecMembers,
  type Flowspec,
  type Qos,
} from '../../vocabulary/qos.js';

const FLOW = 4 * flowspecMembers.length;

/** A QOS as the addon takes it. Windows is little-endian everywhere. */
export function encodeQos(qos: Qos | undefined): Uint8Array | undefined {
  if (!qos) return undefined;
  const specific = qos.providerSpecific ?? new Uint8Array(0);
  const octets = Buffer.alloc(2 * FLOW + specific.length);
  for (const [at, flow] of [qos.sending, qos.receiving].entries()) {
    for (const [index, member] of flowspecMembers.entries()) {
      octets.writeUInt32LE(flow[member], at * FLOW + 4 * index);
    }
  }
  octets.set(specific, 2 * FLOW);
  return octets;
}

export function decodeQos(octets: Uint8Array | undefined): Qos | undefined {
  if (!octets) return undefined;
  const view = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  const flow = (at: number): Flowspec =>
    Object.fromEntries(
      flowspecMembers.map((member, index) => [
        member,
        view.readUInt32LE(at + 4 * index),
      ]),
    ) as Record<(typeof flowspecMembers)[number], number>;
  return {
    sending: flow(0),
    receiving: flow(FLOW),
    ...(octets.length > 2 * FLOW && {
      providerSpecific: octets.slice(2 * FLOW),
    }),
  };
}
