/**
 * Limits of connections and the messages on them: bytes, times, queues, shares of turns.
 */
export const messageLimits = {
  /** Largest OpenFlow message: its length field has 16 bits. */
  frameBytesMax: 65_535,
  /** What has no more actions, or a shorter packet, fits every message: it is not measured. */
  shortActionsMax: 128,
  shortPacketBytesMax: 32 * 1024,
  /** Bytes waiting for a controller: the longest reply, and what it did not ask for. */
  controllerOutboxBytesMax: 64 * 1024 * 1024,
  /** The least that a file may have wait for all controllers of a tenant: some long answers. */
  tenantOutboxBytesMin: 500_000,
  /** When this much waits, packet-ins are dropped: before a controller is not read for that. */
  packetInsWaitBytesMax: 512 * 1024,
  /** Or while so many are ahead of what is read of its answers; a second's are never answered. */
  ...{ packetInsAheadMax: 1_000, packetInsAheadPerSecond: 1_000 },
  /** After so many bytes of packet-ins that are dropped, others have their turn. */
  inVainBytesMax: 16 * 1024,
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
  /** Of bundles: for each connection; from one message about one to the next (Open vSwitch's). */
  ...{ bundlesMax: 16, bundledMessagesMax: 4_096, bundledBytesMax: 4 * 1024 * 1024 },
  bundleIdleMs: 10_000,
  /** Flow monitors of one connection; what is kept for it while it is told of many rules. */
  ...{ monitorsMax: 64, monitorKeptBytesMax: 1024 * 1024 },
  /** When so much waits it is told of no more changes (Open vSwitch's), and when it is again. */
  ...{ monitorWaitBytesMax: 128 * 1024, monitorResumeBytesMax: 16 * 1024 },
  /** How long one may owe a barrier's reply before its connection is given up. */
  barrierTimeoutMs: 10_000,
  /** When the barrier is sent again; and how long one answer may take. */
  ...{ barrierAgainMs: 1_000, answerTimeoutMs: 180_000 },
  /** Rows of a tenant's statistics that one reply may hold before it is split (bytes). */
  multipartReplyBytesMax: 60_000,
} as const;
