/**
 * `evacuate` and `evacuations` on the control socket (control.ts).
 */
import { limits } from '../../slices/limits.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { datapathsCalled } from '../../translation/migration/drain-plan.ts';
import type { EvacuationPlan } from '../../translation/migration/evacuation.ts';
import { movesOf } from '../../translation/migration/wanted-moves.ts';
import { knownTargets } from './control-drain.ts';
import { type Params, textOf, textsOf } from './control-values.ts';
import { planEvacuation } from './evacuation-plan.ts';
import type { Evacuation, EvacuationAsked, Left } from './evacuation-report.ts';
import type { EvacuationSources } from './evacuations.ts';
import type { Remaps } from './remaps.ts';

export interface EvacuateSources extends EvacuationSources {
  readonly remaps: Remaps;
}

/** What is told while one is under way. */
export type EvacuationEvent = { readonly plan: EvacuationPlan } | { readonly left: Left };

/** The plan alone, where nothing was to be changed. */
export interface EvacuateResult {
  readonly plan?: EvacuationPlan;
  readonly evacuation?: Evacuation;
}

interface Reply {
  result(value: unknown): void;
  error(code: 'usage' | 'rejected', message: string): void;
  event(value: unknown): void;
  onGone(run: () => void): void;
}

export const evacuateMethods = { evacuate, evacuations } as const;

function evacuate(context: EvacuateSources, params: Params, reply: Reply): void {
  const what = textOf(params, 'datapath');
  const datapaths = datapathsCalled(context.snapshot(), what);
  const withinMs = Number(textOf(params, 'withinMs'));
  const atOnce = textOf(params, 'movesAtOnce', String(limits.movesAtOnce));
  const driver = textOf(params, 'driver');
  if (datapaths === undefined) {
    const { datapaths: all, config } = context.snapshot();
    reply.error(
      'rejected',
      noSuchText('datapath or zone', what, [...all.keys(), ...config.zones.keys()]),
    );
    return;
  }
  if (!(withinMs > 0)) {
    reply.error('usage', '"withinMs" is a number of milliseconds');
    return;
  }
  if (!/^[1-9][0-9]{0,3}$/.test(atOnce)) {
    reply.error('usage', `"${atOnce}" is not how many move at once; write 1 or more`);
    return;
  }
  const to = textsOf(params, 'to');
  const why = whyNot(context, { leaves: datapaths, to, driver });
  if (why !== undefined) {
    reply.error('rejected', why);
    return;
  }
  const how = { what, datapaths, withinMs, to, atOnce: Number(atOnce) };
  if (params['dryRun'] === true) {
    context.scheduler.follow(planEvacuation(context, how), (plan) => {
      reply.result({ plan } satisfies EvacuateResult);
    });
    return;
  }
  const asked: EvacuationAsked = {
    ...{ ...how, cause: 'the operator asked for it' },
    ...(driver !== '' && { driver }),
  };
  let isGone = false;
  reply.onGone(() => {
    isGone = true;
  });
  const event = (value: EvacuationEvent): void => {
    if (!isGone) reply.event(value);
  };
  context.remaps.evacuations.begin(asked, {
    planned: (plan) => event({ plan }),
    told: (left) => event({ left }),
    ended: (evacuation) => {
      if (!isGone) reply.result({ evacuation } satisfies EvacuateResult);
    },
  });
}

const known = ['manual', 'exec', 'netns', 'qemu'] as const;

function whyNot(
  context: EvacuateSources,
  {
    leaves,
    to,
    driver,
  }: Pick<EvacuationAsked, 'to'> & {
    readonly leaves: EvacuationAsked['datapaths'];
    readonly driver: string;
  },
): string | undefined {
  const whyNone = driver === '' ? undefined : whyNoDriver(context, driver);
  if (whyNone !== undefined) return whyNone;
  const busy = context.remaps.evacuations.leaving(leaves);
  if (busy !== undefined) return `${busy} is being evacuated already; "limevisor evacuations"`;
  // What is wrong with the targets themselves, whatever moves.
  const found = movesOf(context.snapshot(), { names: [], to }, knownTargets(context));
  return 'problems' in found ? found.problems.join('; ') : undefined;
}

function whyNoDriver({ hostMoves }: EvacuateSources, driver: string): string | undefined {
  const found = known.find((one) => one === driver);
  if (found === undefined) return noSuchText('driver', driver, known);
  return hostMoves.whyNoDriver(found);
}

/** Those since the start, the newest last. */
function evacuations(context: EvacuateSources, _: Params, reply: Reply): void {
  reply.result(context.remaps.evacuations.all);
}
