/**
 * Every limit of the product, with its unit last in its name.
 *
 * What a peer or a person may make grow has a line here; nothing else in the code does.
 */
export const limits = {
  /** Largest OpenFlow message: its length field has 16 bits. */
  frameBytesMax: 65_535,
  /** What has no more actions, or a shorter packet, fits every message: it is not measured. */
  shortActionsMax: 128,
  shortPacketBytesMax: 32 * 1024,
  /** Ports of one vswitch: FLOOD and ALL are one entry each, and that is one message. */
  portsPerVswitchMax: 1_600,
  /** How far a trace goes: switches, and as deep; tables; how long Open vSwitch is waited for. */
  traceVisitsMax: 64,
  traceLookupsMax: 1_000,
  traceAnswerMs: 5_000,
  /** Lines of one metric; what is beyond them is counted. */
  metricLinesMax: 10_000,
  /** Who looks at messages as they pass: how many, what waits for each, and a message's text. */
  snoopersMax: 8,
  snoopBytesMax: 8 * 1024 * 1024,
  snoopCharactersMax: 2_000,
  /** Bytes waiting for a controller: the longest reply, and what it did not ask for. */
  controllerOutboxBytesMax: 64 * 1024 * 1024,
  /** The least that a file may have wait for all controllers of a tenant: some long answers. */
  tenantOutboxBytesMin: 500_000,
  /** When this much waits, packet-ins are dropped: before a controller is not read for that. */
  packetInsWaitBytesMax: 512 * 1024,
  /** Bytes waiting for a datapath; beyond it the connection is closed and reconciled anew. */
  datapathOutboxBytesMax: 64 * 1024 * 1024,
  /** What is written without waiting for the turn's end. */
  outboxBytesAtOnce: 64 * 1024,
  /** A turn's outbox as it is made; how large one, and all, may be to be kept for later turns. */
  outboxBytesAtFirst: 4_096,
  outboxBytesKeptMax: 1024 * 1024,
  outboxesBytesKeptMax: 64 * 1024 * 1024,
  /** What the log shows of a message that we could not handle. */
  faultBytesMax: 128,
  /** Connections from switches that have not yet said who they are. */
  handshakesMax: 256,
  /** Controllers that connected by themselves, for each vswitch (ovs-ofctl comes and goes). */
  guestsPerVswitchMax: 64,
  handshakeTimeoutMs: 5_000,
  echoIntervalMs: 5_000,
  echoTimeoutMs: 15_000,
  /** How soon a switch has to answer when another connection claims its dpid. */
  claimEchoMs: 1_000,
  redialMinMs: 250,
  redialMaxMs: 2_000,
  /** The longest that a file may say; a connection that lasted so long was none that failed. */
  ...{ redialLongestMs: 3_600_000, redialLastedMs: 1_000 },
  /** What one peer sent is looked at by so much, for so long, before the others have their turn. */
  sliceBytesMax: 16 * 1024,
  turnMs: 2,
  /** What tenants that want more than a turn have of each, all together; and each at least. */
  allTurnsMs: 6,
  turnMsMin: 0.25,
  /** A controller is not read while this much waits for it, or so many requests to its vswitch. */
  unreadBytesMax: 1024 * 1024,
  waitingRequestsMax: 1_000,
  /** Nor while so many of its requests and answers wait for one before them. */
  waitingAnswersMax: 10_000,
  /** Nor while this much waits for a datapath that its vswitch lives on. */
  congestedBytesMax: 4 * 1024 * 1024,
  /** How often a peer that is not read is looked at again. */
  holdPollMs: 5,
  /**
   * Frames of one multipart message: of a datapath with 64 vswitches that all have as many bytes of
   * entries as they may, where no two entries have room in one frame.
   */
  multipartFramesMax: 65_536,
  /** How long a datapath may answer nothing while statistics are owed (reply-timeouts.ts)... */
  multipartTimeoutMs: 10_000,
  /** ...and after which it is asked for a barrier, and then taken for one that never answers. */
  statisticsSilentMs: 1_000,
  /** Of multipart requests whose last part has not come: for each connection, all together. */
  ...{ requestPartsMax: 1_024, requestPartsBytesMax: 4 * 1024 * 1024 },
  /** From one part of a request to the next; Open vSwitch's. */
  requestPartTimeoutMs: 1_000,
  /**
   * How often a datapath's entries are read where they are not more than so many, or else counted;
   * how many times they are counted before they are read in any case; how long after a reading
   * that found something wrong they are read again; how much that is wrong one reading looks at.
   */
  ...{ auditMs: 10_000, auditSmallMax: 2_000, auditCountsMax: 5, auditConfirmMs: 1_500 },
  auditFindingsMax: 10_000,
  /** Ports of one datapath that are remembered; those that the file names are, in any case. */
  portsPerDatapathMax: 4_096,
  /**
   * How often a datapath is probed for in-band control, how long it may take, and how many probes
   * in a row have to be taken before it counts.
   */
  ...{ inBandProbeMs: 10_000, inBandAnswerMs: 5_000, inBandProbesMax: 3 },
  /** ...or a barrier, before its connection is given up; and how long one answer may take. */
  barrierTimeoutMs: 10_000,
  /** When it is sent again. */
  ...{ barrierAgainMs: 1_000, answerTimeoutMs: 180_000 },
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
  /** More matches than this are held as one, everything, while the primary body changes. */
  guardMatchesMax: 16,
  /** How often an entry comes and goes before a change that counters must not lag behind. */
  ...{ countingFlips: 10, countingFlipMs: 2 },
  /**
   * So many flips of a canary show a whole round of revalidators (canary-flips.ts); cached flows
   * that one has in hand, that are made in a millisecond at most, and that are there at all. How
   * many flips may prove nothing before it is given up; and what is sooner than a round of Open
   * vSwitch's can follow another (5 ms).
   */
  ...{ canaryFlips: 3, revalidatorBatch: 50, newFlowsPerMs: 50, cachedFlowsMax: 400_000 },
  ...{ canaryUnprovedMax: 32, canaryPromptMs: 4 },
  /**
   * From one of its frames to the next, at least and at most: so many in the time of a flip. When
   * another is sent for one that has not come back; when, without any, its cable is given up, and
   * for how long; when a flip is. From one version to the next at least.
   */
  ...{ canaryPauseMs: 2, canaryFrameMs: 1, canaryFrameMsMax: 20, canaryFramesPerFlip: 16 },
  ...{ canaryLostMs: 50, canarySilentMs: 500, canaryAvoidMs: 10_000, canaryFlipMs: 5_000 },
  /** How long its entry stays when nobody waits; frames that are known, and how long. */
  ...{ canaryIdleMs: 1_000, canaryKnownMs: 10_000, canaryFramesKept: 4_096 },
  /**
   * How long an acknowledgement waits that cannot be proved: 1.5 times the longest stale window
   * that was measured with 4,000 cached flows (41 ms); so much longer than the longest proof; and
   * where so many flows are cached that no more can be.
   */
  settleMs: 60,
  settleFactor: 1.5,
  settleUncachedMs: 1_500,
  /** Packets that are kept for one connection: how many the file may ask for, bytes, and time. */
  buffersMax: 65_536,
  bufferBytesMax: 4 * 1024 * 1024,
  bufferTimeMs: 5_000,
  /** Messages of one vswitch that wait for a round of rule changes. */
  pendingPerVswitchMax: 100_000,
  /** Queues of one port: three bits on a frame say which one, where it has a VLAN tag of ours. */
  queuesPerPortMax: 7,
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
  /**
   * Frames that come to one vswitch from its neighbours on the same datapath: more than a switch
   * carries, so that only those of one turn are fewer, where one frame became many.
   */
  crossingsPerSecMax: 1_000_000,
  crossingsBurstMax: 2_048,
  /** Steps of looking for a long row of vswitches on one datapath. */
  crossingStepsMax: 100_000,
  /** Hops that are looked at for a path by `via`; paths that flows of a virtual link are over. */
  viaStepsMax: 20_000,
  spreadMax: 8,
  /** OFPP_MAX of OpenFlow 1.0, below which Open vSwitch numbers ports. */
  ofportMax: 0xfeff,
  /** How long an OVSDB and its ovs-vswitchd may take; when tunnels that failed are tried again. */
  ovsdbAnswerSec: 5,
  tunnelsAgainMs: 10_000,
  /**
   * Of placing one network (slices/placement/): beginnings, for all that are placed at once, how
   * many in a row may find nothing, how many are made better; of each, tries and rounds of moves.
   */
  placementStartsMax: 16,
  placementStartsAtOnceMax: 2_000,
  placementImprovedMax: 4,
  placementFailuresMax: 4,
  placementTriesMax: 300,
  placementTurnsMax: 8,
  vswitchesMax: 0xfeff,
  /** Datapaths of one big switch: a rule is on each, and a change waits for all. */
  membersMax: 64,
  vportMax: 0xfeff,
  /** VLAN ids of ours, for each direction of a link. */
  tagMax: 4_094,
  /** The highest VLAN id that IEEE 802.1Q lets a frame have. */
  vlanMax: 4_094,
  /** Entries of vswitches' wiring that are remembered, so as not to be made anew in each step. */
  keptEntriesMax: 8_192,
  /** Of an owner with more entries on a datapath they are never packed: it would take a turn. */
  packedEntriesMax: 2_048,
  /** Entries of all owners that may be packed and are values (packed-contribution.ts). */
  unpackedEntriesMax: 2_048,
  /** A label is in 22 bits of an address (translation/wiring/labels.ts); 0 is left out. */
  labelMax: 0x3f_ffff,
  /** Bytes that wrapping adds to a frame on a link: an Ethernet header, and a header of 8. */
  wrappingBytes: 22,
  /** Of a host's longest frame: 1,500 bytes behind an Ethernet header. */
  fullFrameBytes: 1_514,
  /** How often a port has its turn to send probes, unless that is more in a second than this. */
  linkProbeMs: 2_000,
  linkProbesPerSecMax: 500,
  /** Turns of ports that come sooner are taken together. */
  linkTickMs: 20,
  /** When a probe is lost; so many in a row say something; when one is late, and forgotten. */
  linkProbeLostMs: 1_500,
  linkProbesLostMax: 3,
  linkProbeLateMs: 10_000,
  linkProbeKnownMs: 60_000,
  linkProbesKeptMax: 65_536,
  /** Of a silent link, how often it is looked whether it ends in a host's port: ever less often. */
  hostPortLookFirstMs: 4_000,
  hostPortLookMs: 60_000,
  /** Latencies of a link: the least counts. Slow is so much above so many times the median. */
  linkLatenciesKept: 8,
  linkSlowMs: 20,
  linkSlowFactor: 4,
  /** `discover`: how often each port has its turn. */
  discoverRounds: 3,
  /** Unknown switches: how many are remembered, so long; `discover` waits for them, so long. */
  ...{ strangersMax: 256, strangerMs: 60_000 },
  strangerWaitMs: 9_000,
  strangerPollMs: 50,
  strangerEntrySec: 30,
  /** Frames in a second that look like probes and are none, until a port is not heard, so long. */
  linkForgeriesPerSecMax: 20,
  linkDeafMs: 60_000,
  /** How long what is suspicious is shown after it was seen last, and how many such things. */
  suspicionMs: 600_000,
  suspicionsMax: 1_000,
  /** A time-out's poll: the smaller of a quarter of the time-out and this. */
  ...{ pollIntervalMs: 1_000, pollIntervalMinMs: 250 },
  /** Idle time-outs of so many seconds are looked at more often, where there are few rules. */
  ...{ shortIdleSec: 2, shortPollMs: 100, shortPollRulesMax: 256, shortProofPauseMs: 10_000 },
  /** How late hard time-outs are looked at (as Open vSwitch's, on average), and counters show. */
  ...{ hardTimeoutLagMs: 200, counterLagMs: 1_000 },
  /** How long a flow-removed waits for the counters of all bodies. */
  removalWaitMs: 1_000,
  /** Least time between the last move of a port and the retirement of the old body. */
  drainMs: 200,
  /** How long an old body's counters must stand still: longer than they lag. */
  drainStillMs: 700,
  drainPollMs: 100,
  /** How long an entry that heals stays: revalidators look at it in half a second at the latest. */
  healMs: 1_500,
  /** How long `status` waits for datapaths' counters. */
  statusWaitMs: 1_000,
  /** How long after a migration, or a heal, it is looked whether packets come the old way... */
  watchMs: 2_500,
  /** ...so often, and heals for it. */
  watchPollMs: 500,
  healsMax: 2,
  /** A marker that has not come is sent again: so soon, twice as late each time, at the latest. */
  markerAgainFirstMs: 10,
  markerAgainMs: 250,
  /** How long a drain may wait for a quiet counter before it says so and asks to be undone. */
  drainTimeoutMs: 10_000,
  /** How long a migration waits for a datapath that went away before it is undone. */
  datapathLostMs: 10_000,
  /** Paths beside each in use that the file may ask for, and what a cable may cost. */
  backupsMax: 3,
  costMax: 1_000_000,
  /** How long a datapath may be away before nothing is led through it any more. */
  awayMs: 1_000,
  /** How long a cable that came back is used only where there is no other way. */
  revertMs: 5_000,
  /** Longest settle time of a datapath's acknowledgements. */
  settleMsMax: 60_000,
  /** How often a store that is written to says on its datapaths how far it is. */
  generationMs: 30_000,
  /** How long what nobody waits for may stay out of the store. */
  commitDelayMs: 10,
  /** Memory of a commit that is kept for a later one. */
  commitBytesKeptMax: 16 * 1024 * 1024,
  /** A store that has twice the bytes that matter, and so many more, is made anew. */
  storeSlackBytes: 64 * 1024 * 1024,
  /** How long after one that was given up another new store is tried, and what may wait for it. */
  ...{ renewalRetryMs: 60_000, renewalWaitBytesMax: 4 * 1024 * 1024 },
  /** What finds no room is written again after this; beyond so much no controller is read. */
  ...{ storeRetryMs: 1_000, storeWaitBytesMax: 64 * 1024 * 1024 },
  /** Flow-mods that are carried out together, as many as a slice may have. */
  flowModsAtOnce: 256,
  /** Forms of flow-mods and packet-outs that are remembered, for each vswitch and its bodies. */
  flowModFormsMax: 256,
  packetOutFormsMax: 64,
  /** Rules of a flat body that may stand as bytes: to make values of them is one turn. */
  rulesAsBytesMax: 1_000,
  /** Flow-mods that are remembered together until they are acknowledged. */
  batchMax: 1_024,
  /** Rules that are written to a new store in one turn, and in one step of it. */
  rulesPerSlice: 1_024,
  rulesPerStep: 32,
  /** Of work that takes many turns: steps in one of them, and what a step looks at (cursor.ts). */
  stepsPerTurnMax: 64,
  /** Entries of a change of the wiring that a datapath is sent in one turn. */
  keysAtOnce: 96,
  slotsPerStep: 32,
  rulesAtOnce: 128,
  /** Rows of statistics that are sent together. */
  rowsAtOnce: 256,
  /** Parts of many changes that wait before no more are made. */
  waitingPartsMax: 64,
  /** How long messages that nobody waits for go without a barrier. */
  pushedBarrierMs: 50,
  /** The configuration file, and one word or number in it; things of it that come together. */
  ...{ fileBytesMax: 64 * 1024 * 1024, packageBytesMax: 256 * 1024 * 1024 },
  fileThingsAtOnce: 32,
  scalarCharactersMax: 4_096,
  /** A line of the file that is shown; how often `wait` asks. */
  ...{ lineCharactersMax: 80, waitPollMs: 100 },
  /** Things of the store that were left out, those that `check --store` names. */
  leftOutShownMax: 20,
  /** Serials of rules that the store hears of at once (journal.ts). */
  serialBlock: 4_096,
  /** Drivers that move hosts: time by default, at most, to stop, to answer, between two looks. */
  ...{ driverMs: 600_000, driverLongestMs: 86_400_000, driverStopMs: 5_000, qmpAnswerMs: 10_000 },
  ...{ qmpLookMs: 50, qmpLineCharactersMax: 1_000_000 },
  ...{ driverLinesKept: 20, driverLineCharactersMax: 400 },
  /** How long to wait before an undo's step is tried again (executor.ts). */
  undoRetryMs: 500,
  /** Rules that are gone and remembered for their late packet-ins, for each vswitch. */
  goneRulesMax: 1_000,
  /** Deletions without an answer among which a modify looks for its rules; else it waits. */
  removalsAskedMax: 1_000,
  /** Rules that a datapath refused and what they replaced, for each vswitch. */
  refusedRulesMax: 100_000,
  /** How often a datapath is asked again for what it had no room for when it came back. */
  missingRetryMs: 5_000,
  /** Of a state or a reason in a table of `status`; what is longer stands below the tables. */
  cellCharactersMax: 80,
  /** Lines of the log about the same thing in so much time, and things that are told apart. */
  ...{ logLinesPerWindowMax: 10, logWindowMs: 60_000 },
  ...{ logSubjectsMax: 1_000, logRepeatedMsMax: 3_600_000 },
  /** Kinds of refused requests, for each tenant; what the log shows of one. */
  ...{ refusedKindsMax: 64, refusedBytesShown: 64 },
  /** What of the log is kept for `limevisor events`, and how many may follow it. */
  ...{ eventsKept: 2_000, followersMax: 256 },
  /** Listeners to events (hypervisor/api/event-feed.ts), and what each may not have read. */
  ...{ eventListenersMax: 12_000, listenersAtOnce: 16, eventsAtOnce: 32, heartbeatMs: 15_000 },
  ...{ listenerUnreadBytesMax: 8_192, listenersPauseFactor: 30, listenerStuckMs: 600_000 },
  /** Requests to the API: bytes, times, connections; how often a token, a stranger, an owner. */
  ...{ apiBodyBytesMax: 1024 * 1024, apiRequestMs: 30_000, apiHeaderMs: 10_000, apiIdleMs: 60_000 },
  ...{ apiConnectionsMax: 16_384, apiRequestsPerSec: 50, apiRequestsBurst: 200, tokensMax: 10_000 },
  ...{ apiStrangersMax: 4_096, apiTriesPerSec: 2, apiTriesBurst: 20, apiOpenPerOwnerMax: 256 },
  /** Operations and words of each that are kept; its answer's wait. The audit log's two files. */
  ...{ operationsKept: 1_000, operationWordsKept: 256, operationAnswerMs: 1_000 },
  ...{ auditFileBytesMax: 16 * 1024 * 1024, auditRecentMax: 1_000, auditChangesMax: 200 },
  /** Kinds of messages that fit nowhere and are counted by kind. */
  alarmsMax: 1_000,
  /** Ways through datapaths, and unknown switches, that `limevisor status` shows to people. */
  throughRowsMax: 20,
  /** For so long what those exchange that migrate is measured, and of how many vports at most. */
  ...{ trafficMeasureMs: 1_000, trafficPortsMax: 512 },
  /** How many of those that migrate together move at once, if nobody says how many. */
  movesAtOnce: 8,
  /** How soon a vswitch whose migration failed is tried again, where others can only go on. */
  ensembleRetryMs: 5_000,
  /** How often it is begun in all. */
  ensembleTriesMax: 4,
  /** Finished migrations that are remembered, if the file does not say how many, and at most. */
  migrationsKept: 1_000,
  migrationsKeptMax: 100_000,
  /** Traffic: how often it is measured, and kept so for a day; for a month, means and peaks. */
  ...{ trafficEveryMs: 10_000, trafficSlotsMax: 8_640, trafficLongMs: 600_000 },
  ...{ trafficLongSlotsMax: 4_320, trafficSeriesMax: 2_000, trafficSeriesIdleMs: 86_400_000 },
  /** From the first look at counters to the second; for how long nobody needs to have asked. */
  ...{ trafficSoonMs: 1_000, trafficIdleMs: 600_000, trafficRoundMs: 5_000, trafficAtOnce: 16 },
  /** Optimizing: what a move must gain, of what there is; how long it may take, and looks again. */
  ...{ optimizeGainMin: 0.01, optimizeMs: 2_000, optimizeLongestMs: 60_000, optimizeAgainMax: 4 },
  /** Schedules: the shortest and longest time; how often places are chosen anew, and pauses. */
  ...{ scheduleMsMin: 1_000, scheduleMsMax: 604_800_000, scheduleTriesMax: 8 },
  /** What carries nothing: how long so before it is told, the command's time, and tries again. */
  ...{ idleAfterMs: 10_000, idleCommandMs: 30_000, idleAgainMs: 30_000, idleLookMs: 500 },
  ...{ idleCommandsAtOnce: 8, idleAwakeMs: 20_000 },
  /** Signs of failure: how often looked at; how long so; the deadline; until the next. */
  ...{ evacuateLookMs: 2_000, evacuateForMs: 10_000, evacuateWithinMs: 30_000 },
  ...{ evacuateAgainMs: 600_000, evacuationsKept: 100 },
  /** Optimizing by itself: what it has to gain, and by what passed in how much time. */
  ...{ optimizeGainMinByItself: 0.1, optimizeOverMs: 300_000, optimizeCablesMax: 20 },
  /** Rows of a tenant's statistics that one reply may hold before it is split (bytes). */
  multipartReplyBytesMax: 60_000,
} as const;
