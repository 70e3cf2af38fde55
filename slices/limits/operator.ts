/**
 * Limits of what people and programs are shown: traces, metrics, log, events, the API.
 */
export const operatorLimits = {
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
  /** How long `status` waits for datapaths' counters. */
  statusWaitMs: 1_000,
  /** Of a state or a reason in a table of `status`; what is longer stands below the tables. */
  cellCharactersMax: 80,
  /** Names in one line of it. */
  namesInLineMax: 20,
  /** Lines of the log about the same thing in so much time, and things that are told apart. */
  ...{ logLinesPerWindowMax: 10, logWindowMs: 60_000 },
  ...{ logSubjectsMax: 1_000, logRepeatedMsMax: 3_600_000 },
  /** What of the log is kept for `limevisor events`, and how many may follow it. */
  ...{ eventsKept: 2_000, followersMax: 256 },
  /** Listeners to events (hypervisor/api/event-feed.ts), and what each may not have read. */
  ...{ eventListenersMax: 12_000, listenersAtOnce: 16, eventsAtOnce: 32, heartbeatMs: 15_000 },
  ...{ listenerUnreadBytesMax: 8_192, listenersPauseFactor: 50, listenersPauseMsMax: 10_000 },
  listenerStuckMs: 120_000,
  /** Requests to the API: bytes, times, connections; how often a token, a stranger, an owner. */
  ...{ apiBodyBytesMax: 1024 * 1024, apiRequestMs: 30_000, apiHeaderMs: 10_000, apiIdleMs: 60_000 },
  ...{ apiConnectionsMax: 16_384, apiRequestsPerSec: 50, apiRequestsBurst: 200, tokensMax: 10_000 },
  ...{ apiStrangersMax: 4_096, apiTriesPerSec: 2, apiTriesBurst: 20, apiOpenPerOwnerMax: 256 },
  /** Owners' networks (hypervisor/networks/): a quota's numbers, all networks, who waits. */
  ...{ quotaMax: 100_000_000, lifetimeMsMax: 315_360_000_000 },
  ...{ ownedNetworksMax: 4_096, networkChangesWaitingMax: 64 },
  /** How often an end, or a change that has to wait, is looked at; how long that may wait. */
  ...{ networkTickMs: 60_000, networkBusyMs: 100, networkWaitMs: 30_000, networkAgainMs: 5_000 },
  networkPollMs: 250,
  /** How long before its end an owner is warned; what became of one that was refused is told. */
  ...{ networkWarnMs: 86_400_000, networkRejectedMs: 604_800_000 },
  /** Operations and words of each that are kept; its answer's wait. The audit log's two files. */
  ...{ operationsKept: 1_000, operationWordsKept: 256, operationAnswerMs: 1_000 },
  ...{ auditFileBytesMax: 16 * 1024 * 1024, auditRecentMax: 1_000, auditChangesMax: 200 },
  /** Ways through datapaths, and unknown switches, that `limevisor status` shows to people. */
  throughRowsMax: 20,
} as const;
