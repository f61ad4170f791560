/**
 * Quality of service (qos.h).
 *
 * Sources: "FLOWSPEC structure" and "QOS structure" of the Windows
 * documentation.
 */

/** A flow in one direction: eight unsigned 32-bit numbers. */
export interface Flowspec {
  /** Octets per second. */
  tokenRate: number;
  /** Octets. */
  tokenBucketSize: number;
  /** Octets per second. */
  peakBandwidth: number;
  /** Microseconds. */
  latency: number;
  /** Microseconds. */
  delayVariation: number;
  /** One of the `SERVICETYPE_*` constants. */
  serviceType: number;
  /** Octets. */
  maxSduSize: number;
  /** Octets. */
  minimumPolicedSize: number;
}

/** The members of a FLOWSPEC, in their order in memory. */
export const flowspecMembers = [
  'tokenRate',
  'tokenBucketSize',
  'peakBandwidth',
  'latency',
  'delayVariation',
  'serviceType',
  'maxSduSize',
  'minimumPolicedSize',
] as const satisfies readonly (keyof Flowspec)[];

/** Quality of service as a caller requests or receives it. */
export interface Qos {
  sending: Flowspec;
  receiving: Flowspec;
  /** Octets that only the provider understands. */
  providerSpecific?: Uint8Array | undefined;
}

/** "Not specified": lets the provider choose. */
export const QOS_NOT_SPECIFIED = 0xffffffff;

export const SERVICETYPE_NOTRAFFIC = 0;
export const SERVICETYPE_BESTEFFORT = 1;
export const SERVICETYPE_CONTROLLEDLOAD = 2;
export const SERVICETYPE_GUARANTEED = 3;
export const SERVICETYPE_QUALITATIVE = 0x0d;

/** A flowspec that asks for nothing, with the members given changed. */
export function flowspec(members: Partial<Flowspec> = {}): Flowspec {
  return {
    tokenRate: QOS_NOT_SPECIFIED,
    tokenBucketSize: QOS_NOT_SPECIFIED,
    peakBandwidth: QOS_NOT_SPECIFIED,
    latency: QOS_NOT_SPECIFIED,
    delayVariation: QOS_NOT_SPECIFIED,
    serviceType: SERVICETYPE_BESTEFFORT,
    maxSduSize: QOS_NOT_SPECIFIED,
    minimumPolicedSize: QOS_NOT_SPECIFIED,
    ...members,
  };
}
