/**
 * Limits of link probes, and thresholds above which a link is suspicious.
 */
export const linkLimits = {
  /** MTUs that the file may name: of IPv4 at the least, and of an IPv4 packet at the most. */
  ...{ mtuMin: 68, mtuMax: 65_535 },
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
  /** Frames in a second that look like probes and are none, until a port is not heard, so long. */
  linkForgeriesPerSecMax: 20,
  linkDeafMs: 60_000,
  /** How long what is suspicious is shown after it was seen last, and how many such things. */
  suspicionMs: 600_000,
  suspicionsMax: 1_000,
} as const;
