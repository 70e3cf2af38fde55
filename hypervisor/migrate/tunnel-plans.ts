/**
 * Tunnels of a new configuration are created before it is planned, so that no way leads over one
 * that could not be created (slices/network/changed-config.ts).
 */
import type { Config } from '../../slices/config/config.ts';
import { isSameValue } from '../../slices/equality.ts';
import type { Steps } from '../../slices/steps.ts';
import type { Reconfiguration, Refusal } from '../../translation/migration/reconfiguration.ts';
import type { StartOrder } from '../datapath/start-order.ts';
import type { Tunnels } from '../datapath/tunnels.ts';
import type { Entry } from '../store/journal-entries.ts';
import { type ApplyPlans, type Asked, foretellNothing, waysOf } from './apply-plans.ts';

/** A plan, and what follows from it. */
interface Prepared {
  readonly plan: Reconfiguration;
  /** Says what it is going to be. */
  readonly tell: () => void;
  /** What the store is to have of the ways when its first step is done. */
  readonly ways: Entry;
}

type Planned = (prepared: Prepared | Refusal) => void;

export interface LayingContext {
  readonly tunnels: Pick<Tunnels, 'look'>;
  readonly startOrder: Pick<StartOrder, 'whenOver'>;
}

/**
 * Plans when all datapaths have been compared; where tunnels come lays them and plans again. What
 * is refused leaves none.
 */
export function planLaid(
  { tunnels, startOrder }: LayingContext,
  plans: ApplyPlans,
  config: Config,
  asked: Asked,
  then: Planned,
): void {
  const { foretell = foretellNothing } = asked;
  function* prepare(plan: Reconfiguration): Steps<Omit<Prepared, 'plan'>> {
    return { tell: yield* foretell(plan), ways: yield* waysOf(plan.adding) };
  }
  const plan = (planned: Planned): void => {
    const told = (one: Reconfiguration | Refusal, more?: Omit<Prepared, 'plan'>): void => {
      const next = refusedBy(asked, one);
      if ('whyNot' in next) planned(next);
      else if (more !== undefined) planned({ ...more, plan: next });
    };
    plans.whole(config, prepare, told, asked);
  };
  const begun: Planned = (first) => {
    if ('whyNot' in first || !bringsTunnels(first.plan)) {
      then(first);
      return;
    }
    const laid: Planned = (second) => {
      if ('whyNot' in second) tunnels.look('whole');
      then(second);
    };
    tunnels.look('laid', () => plan(laid), first.plan.snapshot.config);
  };
  startOrder.whenOver(() => plan(begun));
}

function refusedBy({ whyNot }: Asked, plan: Reconfiguration | Refusal): Reconfiguration | Refusal {
  const why = 'whyNot' in plan ? [] : (whyNot?.(plan) ?? []);
  return why.length > 0 ? { whyNot: why } : plan;
}

/** Whether it has links that are tunnels and were none, or ran between other addresses. */
function bringsTunnels({ before, snapshot }: Reconfiguration): boolean {
  const laid = before.config.tunnels;
  return [...snapshot.config.tunnels].some(([ends, one]) => !isSameValue(laid.get(ends), one));
}
