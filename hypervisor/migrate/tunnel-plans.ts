/**
 * Tunnels that come with another configuration are laid before it is planned, so that no way leads
 * over one that could not be laid (slices/network/changed-config.ts).
 */
import type { Config } from '../../slices/config/config.ts';
import { isSameValue } from '../../slices/equality.ts';
import type { Reconfiguration, Refusal } from '../../translation/migration/reconfiguration.ts';
import type { Tunnels } from '../datapath/tunnels.ts';
import { type ApplyPlans, type Asked, foretellNothing } from './apply-plans.ts';

type Planned = (plan: Reconfiguration | Refusal, tell?: () => void) => void;

/**
 * Plans; where tunnels come lays them and plans again. What is refused leaves none. `then` gets
 * what says what it is going to be.
 */
export function planLaid(
  tunnels: Pick<Tunnels, 'look'>,
  plans: ApplyPlans,
  config: Config,
  asked: Asked,
  then: Planned,
): void {
  const { foretell = foretellNothing } = asked;
  const plan = (planned: Planned): void => {
    plans.whole(config, foretell, (one, tell) => planned(refusedBy(asked, one), tell), asked);
  };
  plan((first, tell) => {
    if ('whyNot' in first || !bringsTunnels(first)) {
      then(first, tell);
      return;
    }
    const laid: Planned = (second, tell) => {
      if ('whyNot' in second) tunnels.look('whole');
      then(second, tell);
    };
    tunnels.look('laid', () => plan(laid), first.snapshot.config);
  });
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
