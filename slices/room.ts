/**
 * How much more a vswitch may make, beyond what every vswitch may: its tenant's limits, which all
 * vswitches of the tenant share (network/tenant-account.ts). Asked before anything is made.
 */
export interface Room {
  /** How many more; none while there are more than may be. */
  left(): number;
  /** Why no more, in words that the tenant and the operator read. */
  why(): string;
}

export const boundless: Room = { left: () => Number.POSITIVE_INFINITY, why: () => '' };
