/**
 * Limits of the file, the numbers of ports and labels, placement and paths.
 */
export const networkLimits = {
  /** Hops that are looked at for a path by `via`; paths that flows of a virtual link are over. */
  viaStepsMax: 20_000,
  spreadMax: 8,
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
  /** A label is in 22 bits of an address (translation/wiring/labels.ts); 0 is left out. */
  labelMax: 0x3f_ffff,
  /** Bytes that wrapping adds to a frame on a link: an Ethernet header, and a header of 8. */
  wrappingBytes: 22,
  /** Of a host's longest frame: 1,500 bytes behind an Ethernet header. */
  fullFrameBytes: 1_514,
  /** Paths beside each in use that the file may ask for, and what a cable may cost. */
  backupsMax: 3,
  costMax: 1_000_000,
  /** How long a cable that came back is used only where there is no other way. */
  revertMs: 5_000,
  /** How long a body's datapath may be away before another takes its place; and until a new try. */
  ...{ replaceMs: 300_000, replaceAgainMs: 60_000 },
  /** The configuration file, and one word or number in it; things of it that come together. */
  ...{ fileBytesMax: 64 * 1024 * 1024, packageBytesMax: 256 * 1024 * 1024 },
  fileThingsAtOnce: 32,
  scalarCharactersMax: 4_096,
  /** A line of the file that is shown; how often `wait` asks. */
  ...{ lineCharactersMax: 80, waitPollMs: 100 },
  /** Problems of a file: that are printed; that say which name may be meant; mistakes in YAML. */
  ...{ problemsShownMax: 20, hintedProblemsMax: 10, yamlMistakesMax: 3 },
} as const;
