/**
 * Limits of remaps on purpose: measured traffic, optimizing, schedules, idle parts, evacuations.
 */
export const remapLimits = {
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
} as const;
