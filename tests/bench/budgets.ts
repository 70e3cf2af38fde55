/**
 * What Limevisor may cost (issue 3, "Speed"), as ratios and microseconds; relay.ts measures it.
 *
 * The numbers that were reached are in docs/BENCHMARKS.md, with the machine and the command.
 */
import type { KindName } from './kinds.ts';

/** Messages in flight for each switch. */
export const windows = { few: 10, many: 1000 } as const;

/** Least part of the framing relay's rate, with few and with many messages in flight. */
export const ofRelay: Partial<Record<KindName, { readonly few: number; readonly many: number }>> = {
  'packet-in': { few: 0.8, many: 0.5 },
  'packet-out': { few: 0.8, many: 0.5 },
  'flow-mod': { few: 0.5, many: 0.2 },
};

/** Least part of the rate that the same controller has without us, one message at a time. */
export const ofDirectInLatencyMode = 0.6;

/** Most that is added to a message's way. */
export const addedUs = { p50Unloaded: 60, p99AtHalfLoad: 1000 } as const;

/** Least part of one tenant's rate, at equal messages for each socket. */
export const ofOneTenant = 0.9;
