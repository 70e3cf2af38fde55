/**
 * Limits of the work in one turn of the event loop, and of caches.
 */
export const schedulerLimits = {
  /** What one peer sent is looked at by so much, for so long, before the others have their turn. */
  sliceBytesMax: 16 * 1024,
  turnMs: 2,
  /** What tenants that want more than a turn have of each, all together; and each at least. */
  allTurnsMs: 6,
  turnMsMin: 0.25,
  /** Entries of vswitches' wiring that are remembered, so as not to be made anew in each step. */
  keptEntriesMax: 8_192,
  /** Of an owner with more entries on a datapath they are never packed: it would take a turn. */
  packedEntriesMax: 2_048,
  /** Entries of all owners that may be packed and are values (packed-contribution.ts). */
  unpackedEntriesMax: 2_048,
  /** Flow-mods that are carried out together, as many as a slice may have. */
  flowModsAtOnce: 256,
  /** Forms of flow-mods and packet-outs that are remembered, for each vswitch and its bodies. */
  flowModFormsMax: 256,
  packetOutFormsMax: 64,
  /** Rules of a flat datapath that are made values in one turn: what stands as bytes is more. */
  rulesSettledMax: 1_000,
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
  /** Rules that modifies and deletes which are not strict look at in one go, and one of them. */
  ...{ looseLooksMax: 1_024, looseLooksOfOneMax: 4_096 },
  /** Rows of statistics that are sent together. */
  rowsAtOnce: 256,
  /** Parts of many changes that wait before no more are made. */
  waitingPartsMax: 64,
  /** How long messages that nobody waits for go without a barrier. */
  pushedBarrierMs: 50,
} as const;
