/**
 * The changes of the configuration that tenants see, as values (difference-seen.ts).
 */
import type { VswitchName } from '../ids.ts';

/** One thing that a tenant is told or finds out. */
export interface Sight {
  /** Empty: all of the tenant's. */
  readonly vswitch: VswitchName;
  /** What it is about: `port 2`, `tcp:192.0.2.1:6653`; empty: the vswitch. */
  readonly what: string;
  readonly type: SightType;
  readonly why: string;
}

/**
 * `port...`: a port-status with this reason. `disconnected` and `dialled` are controllers.
 * `interrupted`: packets are lost for as long as the change takes. `rerouted`: they go another way,
 * and none is lost. `queues`: what the tenant may use of its port. `limits`: of everything.
 */
export const sightTypes = [
  'portAdd',
  'portDelete',
  'portModify',
  'disconnected',
  'dialled',
  'interrupted',
  'rerouted',
  'queues',
  'limits',
] as const;
export type SightType = (typeof sightTypes)[number];

/** By tenant, of either configuration; who sees nothing has an empty list. */
export type Seen = ReadonlyMap<string, readonly Sight[]>;
