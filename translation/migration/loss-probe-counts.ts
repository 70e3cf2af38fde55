/**
 * The results of loss probes, as a migration remembers them.
 */

/** What became of loss probes (translation/wiring/loss-probe.ts). */
export interface Probed {
  readonly sent: number;
  readonly lost: number;
  /** Those that came more than once. */
  readonly twice: number;
  /** By vport; those that none could be sent through are not among them. */
  readonly ports: readonly {
    readonly port: number;
    readonly sent: number;
    readonly lost: number;
    readonly twice: number;
  }[];
  /** Why it is not known. */
  readonly unseen?: string;
}
