/**
 * What else moves that the move of a host would wait for: of its tenant, or of everybody. In words.
 */
import { tenantOf } from '../../slices/ids.ts';
import type { HostMove } from '../../translation/migration/host-move.ts';
import { isOver, type Migration } from '../../translation/migration/migration.ts';
import type { Reopening } from '../tenant/reopening.ts';
import type { Applying } from './applying.ts';
import type { Executor } from './executor.ts';

export interface MovesWaitingContext {
  readonly applying: Pick<Applying, 'underWay'>;
  readonly draining: { readonly isUnderWay: boolean };
  readonly executor: Pick<Executor, 'all' | 'ensembles'>;
  readonly reopening: Pick<Reopening, 'underWay'>;
}

/** The others of its `ensemble` stand still meanwhile; undefined when nothing is in its way. */
export function movesBefore(
  { executor, draining, applying, reopening }: MovesWaitingContext,
  vswitch: HostMove['vswitch'],
  ensemble?: number,
): string | undefined {
  // Its neighbours' steps lead its ways, too.
  const tenant = tenantOf(vswitch);
  const isPart = (one: Migration): boolean => ensemble !== undefined && one.ensemble === ensemble;
  const active = executor.all().filter((one) => !isOver(one) && !isPart(one));
  const own = active.find((one) => tenantOf(one.vswitch) === tenant);
  if (own !== undefined) {
    return `${own.vswitch} is migrating (migration ${own.id}); ask when that is over`;
  }
  const whole = executor.ensembles.withHostOf(tenant);
  if (whole !== undefined && whole.id !== ensemble) {
    return `hosts of ${tenant} move in migration ${whole.id}; ask when that is over`;
  }
  if (draining.isUnderWay) return 'ways are being led around a datapath; ask again later';
  if (applying.underWay !== undefined) return `${applying.underWay} is being applied`;
  return reopening.underWay.has(vswitch) ? `${vswitch} is being reopened` : undefined;
}
