/**
 * Limits of physical switches: how often they are asked, and how much they carry.
 */
export const datapathLimits = {
  /**
   * How often a datapath's entries are read where they are not more than so many, or else counted;
   * how many times they are counted before they are read in any case; how long after a reading
   * that found something wrong they are read again; how much that is wrong one reading looks at.
   */
  ...{ auditMs: 10_000, auditSmallMax: 2_000, auditCountsMax: 5, auditConfirmMs: 1_500 },
  auditFindingsMax: 10_000,
  /**
   * How often a datapath is probed for in-band control, how long it may take, and how many probes
   * in a row have to be taken before it counts.
   */
  ...{ inBandProbeMs: 10_000, inBandAnswerMs: 5_000, inBandProbesMax: 3 },
  /** Ports of one datapath that are remembered; those that the file names are, in any case. */
  portsPerDatapathMax: 4_096,
  /**
   * How often Open vSwitch's userspace datapath takes one frame up anew before it drops it
   * (MAX_RECIRC_DEPTH, dpif-netdev.c). The end of a way takes one, a tenant's select group one.
   */
  recirculationsMax: 6,
  /**
   * Virtual links in a row inside a datapath: as many that a frame may go there and back. Where no
   * link leads out and back: as many as are left, and frames that turn round may be dropped.
   */
  insideHopsMax: 2,
  insideHopsAloneMax: 4,
  /** Matches that a vswitch's trunks are on a flat datapath: so many entries a rule has there. */
  trunkBlocksMax: 64,
  /** OFPP_MAX of OpenFlow 1.0, below which Open vSwitch numbers ports. */
  ofportMax: 0xfeff,
  /** How long an OVSDB and its ovs-vswitchd may take; when tunnels that failed are tried again. */
  ovsdbAnswerSec: 5,
  tunnelsAgainMs: 10_000,
  /** Unknown switches: how many are remembered, so long; `discover` waits for them, so long. */
  ...{ strangersMax: 256, strangerMs: 60_000 },
  strangerWaitMs: 9_000,
  strangerPollMs: 50,
  strangerEntrySec: 30,
  /** How long a datapath may be away before nothing is led through it any more. */
  awayMs: 1_000,
  /** How often a datapath is asked again for what it had no room for when it came back. */
  missingRetryMs: 5_000,
  /** How often it is looked which tenants' packet-ins were dropped below. */
  puntCountsMs: 1_000,
  /** Kinds of messages that fit nowhere and are counted by kind. */
  alarmsMax: 1_000,
} as const;
