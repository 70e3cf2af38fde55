/**
 * Tokens of the API, as operators see them (hypervisor/api/tokens.ts keeps them).
 */

/** What a token is good for. */
export type Role = 'operator' | 'viewer' | 'owner';

export const roles = ['operator', 'viewer', 'owner'] as const satisfies readonly Role[];

/** Without what it is a hash of. */
export interface TokenReport {
  /** The first digits of its hash. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Of an owner: whose network is theirs, and how much they may have of their own. */
  readonly tenant?: string;
  readonly quota?: string;
  /** Milliseconds since 1970. */
  readonly madeMs: number;
  /** Absent: never. */
  readonly expiresMs?: number;
}

/** The token itself is nowhere else. */
export interface MadeToken {
  readonly token: string;
  readonly made: TokenReport;
}
