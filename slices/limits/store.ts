/**
 * Limits of the store: when it is written, how much may wait, and when it is compacted.
 */
export const storeLimits = {
  /** How often a store that is written to says on its datapaths how far it is. */
  generationMs: 30_000,
  /** How long what nobody waits for may stay out of the store. */
  commitDelayMs: 10,
  /** Memory of a commit that is kept for a later one. */
  commitBytesKeptMax: 16 * 1024 * 1024,
  /** A commit of up to so many bytes takes the place of zeros: so many, as the file has. */
  ...{ smallCommitBytesMax: 64 * 1024, storeZerosBytes: { least: 32_768, most: 1024 * 1024 } },
  /** For how long a sync may be put off that nobody waits for, and up to how long a commit then. */
  ...{ syncDelayMs: 100, growingCommitBytesMax: 128 * 1024 },
  /** A store that has twice the bytes that matter, and so many more, is made anew. */
  storeSlackBytes: 64 * 1024 * 1024,
  /** How long after one that was given up another new store is tried, and what may wait for it. */
  ...{ renewalRetryMs: 60_000, renewalWaitBytesMax: 4 * 1024 * 1024 },
  /** What finds no room is written again after this; beyond so much no controller is read. */
  ...{ storeRetryMs: 1_000, storeWaitBytesMax: 64 * 1024 * 1024 },
  /** Things of the store that were left out, those that `check --store` names. */
  leftOutShownMax: 20,
  /** Serials of rules that the store hears of at once (journal.ts). */
  serialBlock: 4_096,
} as const;
