/**
 * Limits of one tenant, and of one vswitch.
 */
export const tenantLimits = {
  /** Ports of one vswitch: FLOOD and ALL are one entry each, and that is one message. */
  portsPerVswitchMax: 1_600,
  /** Rules of one vswitch; a tenant that asks for more gets TABLE_FULL. */
  rulesPerVswitchMax: 100_000,
  /**
   * And their bytes on a datapath, which everybody's connection carries whenever it is read: 335
   * for each of 100,000; we keep no more of them. What is read at a start may be more, since
   * refusals put rules back.
   */
  ...{ ruleBytesBelowPerVswitchMax: 32 * 1024 * 1024, ruleBytesBelowAtStartMax: 40 * 1024 * 1024 },
  /** Of entries that a datapath is asked for at once, about: others' barriers come in between. */
  ...{ entryBytesAtOnce: 2 * 1024 * 1024, entryAsksMax: 64 },
  /** Groups of one vswitch; a tenant that asks for more gets OUT_OF_GROUPS. */
  groupsPerVswitchMax: 4_096,
  /**
   * And their buckets, with the bytes of those on a datapath; beyond: OUT_OF_BUCKETS. A bucket
   * takes about 1 KB of our memory, an action in one 0.3 KB.
   */
  ...{ bucketsPerVswitchMax: 32_768, bucketBytesPerVswitchMax: 4 * 1024 * 1024 },
  /** Meters of one vswitch; a tenant that asks for more gets OUT_OF_METERS. */
  metersPerVswitchMax: 1_024,
  /**
   * Addresses that a vswitch knows the port of at a time, for NORMAL, each an entry of its datapath
   * (Open vSwitch's own limit was that for long); and how long, after a frame from there.
   */
  ...{ learntPerVswitchMax: 2_048, learntSec: 300 },
  /** Group ids that those and their buckets name. */
  groupNamesPerVswitchMax: 8_192,
  /**
   * Buckets that one frame visits by a group, or by all groups of a rule or packet-out. Open
   * vSwitch makes the visits in one turn, in which it serves nobody else: 65,536 took it 30 ms. It
   * sends one frame to 4,096 outputs at most (and drops frames that would have more).
   */
  bucketsPerFrameMax: 8_192,
  /** Rates of control messages that a tenant's limits may name, and their bursts. */
  messagesPerSecMax: 1_000_000,
  /** Bandwidth of a vport, and its burst: without one that, at least; and the least to ask for. */
  ...{ kbpsMax: 0xffff_ffff, burstKbitMin: 800, burstKbitLeast: 13 },
  /** FLOOD takes four resubmits for each of those, two for each other port, and 4,096 in all. */
  meteredPortsMax: 400,
  /** Packets of one vswitch that are kept while its primary body changes. */
  divertedBytesMax: 16 * 1024 * 1024,
  /** Packets that are kept for one connection: how many the file may ask for, bytes, and time. */
  buffersMax: 65_536,
  bufferBytesMax: 4 * 1024 * 1024,
  bufferTimeMs: 5_000,
  /** Messages of one vswitch that wait for a round of rule changes. */
  pendingPerVswitchMax: 100_000,
  /** Queues of one port: three bits on a frame say which one, where it has a VLAN tag of ours. */
  queuesPerPortMax: 7,
  /**
   * Frames that come to one vswitch from its neighbours on the same datapath: more than a switch
   * carries, so that only those of one turn are fewer, where one frame became many.
   */
  crossingsPerSecMax: 1_000_000,
  crossingsBurstMax: 2_048,
  /** Steps of looking for a long row of vswitches on one datapath. */
  crossingStepsMax: 100_000,
  /** A time-out's poll: the smaller of a quarter of the time-out and this. */
  ...{ pollIntervalMs: 1_000, pollIntervalMinMs: 250 },
  /** Idle time-outs of so many seconds are looked at more often, where there are few rules. */
  ...{ shortIdleSec: 2, shortPollMs: 100, shortPollRulesMax: 256, shortProofPauseMs: 10_000 },
  /** Longer ones, too; a tenth of those that are longer than that is a poll and counters' lag. */
  ...{ exactIdleSec: 20, exactPollMs: 500 },
  /** How late hard time-outs are looked at (as Open vSwitch's, on average), and counters show. */
  ...{ hardTimeoutLagMs: 200, counterLagMs: 1_000 },
  /** How long a flow-removed waits for the counters of all bodies. */
  removalWaitMs: 1_000,
  /** Rules that are gone and remembered for their late packet-ins, for each vswitch. */
  goneRulesMax: 1_000,
  /** Deletions without an answer among which a modify looks for its rules; else it waits. */
  removalsAskedMax: 1_000,
  /** The same of deletions that were bytes, whose signatures are compared. */
  removalsInBytesAskedMax: 16_384,
  /** Rules that a datapath refused and what they replaced, for each vswitch. */
  refusedRulesMax: 100_000,
  /** Kinds of refused requests, for each tenant; what the log shows of one. */
  ...{ refusedKindsMax: 64, refusedBytesShown: 64 },
  /** The last messages of one vswitch that got an error, and bytes of each. */
  ...{ refusedKept: 20, refusedBytesKept: 512 },
} as const;
