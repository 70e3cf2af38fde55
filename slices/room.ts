/**
 * The room that a vswitch has under its tenant's limits, which all vswitches of the tenant share
 * (network/tenant-account.ts). It is asked before anything is made, in addition to the limits of
 * every vswitch.
 */
export interface Room {
  /** How many more; none while there are more than may be. */
  left(): number;
  /** Why no more, in words that the tenant and the operator read. */
  why(): string;
}

export const boundless: Room = { left: () => Number.POSITIVE_INFINITY, why: () => '' };
