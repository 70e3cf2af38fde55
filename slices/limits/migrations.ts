/**
 * Limits of acknowledgements, drains, heals, moves of hosts, ensembles, and their history.
 */
export const migrationLimits = {
  /** More matches than this are held as one, everything, while the primary body changes. */
  guardMatchesMax: 16,
  /** How often an entry comes and goes before a change that counters must not lag behind. */
  ...{ countingFlips: 10, countingFlipMs: 2 },
  /** And at most while Open vSwitch is asked whether its revalidators have been round. */
  revalidatedFlipsMax: 1_000,
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
   * for how long; when a flip is. From one version to the next at least. By how many of its cables
   * a datapath is tried, however many it has, before whoever waits is told that nothing is proved.
   */
  ...{ canaryPauseMs: 2, canaryFrameMs: 1, canaryFrameMsMax: 20, canaryFramesPerFlip: 16 },
  ...{ canaryLostMs: 50, canarySilentMs: 500, canaryAvoidMs: 10_000, canaryFlipMs: 5_000 },
  canaryCablesMax: 3,
  /** How long its entry stays when nobody waits; frames that are known, and how long. */
  ...{ canaryIdleMs: 1_000, canaryKnownMs: 10_000, canaryFramesKept: 4_096 },
  /**
   * How long an acknowledgement waits that cannot be proved: 1.5 times the longest stale window
   * that was measured with 4,000 cached flows (41 ms); so much longer than the longest proof; so
   * many times as long as frames take that prove nothing, for whoever is slow with those is slow
   * with cached flows, up to a limit; and that, where so many flows are cached that no more can be.
   */
  settleMs: 60,
  settleFactor: 1.5,
  settleRoundTrips: 20,
  settleBusyMs: 1_500,
  /** How long an old body's counters must stand still: longer than they lag. */
  drainStillMs: 700,
  drainPollMs: 100,
  /** When packets still come so long after cached flows were healed, they are healed again. */
  drainHealMs: 2_000,
  /** How long an entry that heals stays: revalidators look at it in half a second at the latest. */
  healMs: 1_500,
  /** How long after a migration, or a heal, it is looked whether packets come the old way... */
  watchMs: 2_500,
  /** ...so often, and heals for it. */
  watchPollMs: 500,
  healsMax: 2,
  /** Loss probes: through each vport so often, any so often at most; how late one counts. */
  /** Rules of a vswitch: of more it is not counted by which of them packets are led. */
  ledRulesMax: 256,
  ...{ lossProbeMs: 10, lossProbeTickMs: 2, lossProbeWaitMs: 1_000 },
  /** A marker that has not come is sent again: so soon, twice as late each time, at the latest. */
  markerAgainFirstMs: 10,
  markerAgainMs: 250,
  /** So long is waited for what is on its way where a datapath is away, and no marker can tell. */
  unmarkedMs: 200,
  /**
   * How long a drain may wait for a quiet counter before it says so and asks to be undone; and how
   * often it looks, at least, for on a busy machine one look may take seconds.
   */
  ...{ drainTimeoutMs: 10_000, drainLooksMin: 5 },
  /** How long a migration waits for a datapath that went away before it is undone. */
  datapathLostMs: 10_000,
  /** A process that is told to end waits so long for hand-overs. */
  endWaitsMs: 2_000,
  /** So long after a start datapaths that send elsewhere now wait for those that are to connect. */
  startOrderMs: 5_000,
  /** Longest settle time of a datapath's acknowledgements. */
  settleMsMax: 60_000,
  /** Drivers that move hosts: time by default, at most, to stop, to answer, between two looks. */
  ...{ driverMs: 600_000, driverLongestMs: 86_400_000, driverStopMs: 5_000, qmpAnswerMs: 10_000 },
  ...{ qmpLookMs: 50, qmpLineCharactersMax: 1_000_000, programLookMs: 200 },
  /** How often it is looked where a host is whose driver has failed, and for how long at most. */
  ...{ hostLookMs: 500, hostLooksMs: 30_000 },
  ...{ driverLinesKept: 20, driverLineCharactersMax: 400 },
  /** How long to wait before an undo's step is tried again (executor.ts). */
  undoRetryMs: 500,
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
} as const;
