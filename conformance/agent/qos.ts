import {
  flowspecMembers,
  type Flowspec,
  type Qos,
} from '../../src/vocabulary/qos.js';

const FLOW = 4 * flowspecMembers.length;

function flowOf(octets: Buffer, at: number): Flowspec {
  return Object.fromEntries(
    flowspecMembers.map((name, index) => [
      name,
      octets.readUInt32BE(at + 4 * index),
    ]),
  ) as unknown as Flowspec;
}

/** Two flow specifications, and the provider-specific part. */
export function qosOf(octets: Buffer): Qos {
  return {
    sending: flowOf(octets, 0),
    receiving: flowOf(octets, FLOW),
    ...(octets.length > 2 * FLOW && {
      providerSpecific: octets.subarray(2 * FLOW),
    }),
  };
}

export function octetsOfQos({
  sending,
  receiving,
  providerSpecific = new Uint8Array(0),
}: Qos): Buffer {
  const octets = Buffer.alloc(2 * FLOW);
  for (const [index, flow] of [sending, receiving].entries()) {
    for (const [at, name] of flowspecMembers.entries()) {
      octets.writeUInt32BE(flow[name], index * FLOW + 4 * at);
    }
  }
  return Buffer.concat([octets, providerSpecific]);
}
