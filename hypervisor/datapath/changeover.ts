/**
 * One changeover leads several datapaths from one state to another, part by part. New entries are
 * made, then used, then the old ones are removed; each part is acknowledged by all datapaths before
 * the next, and waits for the parts of others that it builds upon (changeovers.ts).
 */
import type { DatapathName } from '../../slices/ids.ts';
import type { Steps } from '../../slices/steps.ts';
import type { Phase } from '../../translation/entries/difference.ts';
import type { Settles } from '../../translation/flat/unsettled-rules.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { Ack } from './acknowledgements.ts';
import type { Stage } from './changeovers.ts';
import { convergeAll, end, type Leading } from './converge.ts';
import { type CountingContext, countWhatPassed } from './fresh-counters.ts';
import { type ArrivalContext, whenArrived } from './left-ways.ts';
import type { Planning } from './paced-plans.ts';

interface PartsContext extends CountingContext, ArrivalContext {
  readonly planning: Pick<Planning, 'changeovers' | 'settling'>;
}

/** Which parts there are, how they are acknowledged, and where cached flows turn. */
export interface Paced {
  readonly wanted: readonly Phase[];
  readonly ackOf: (phase: Phase) => Ack;
  readonly isTurning: (leading: Leading) => boolean;
  /** Done where something has become another, when that is acknowledged, before what follows. */
  readonly changed?: (name: DatapathName, ended: Ended) => void;
  /** A trouble ends it there. */
  readonly beforeBreak?: ((ended: Ended) => void) | undefined;
}

/**
 * Each part is acknowledged by all before the next begins. Before flows turn, their rules are
 * credited with what passed.
 */
export function inParts(
  context: PartsContext,
  leadings: readonly Leading[],
  paced: Paced,
  done: Ended,
): void {
  const { wanted, ackOf, isTurning } = paced;
  const { changed, beforeBreak = (ended) => ended() } = paced;
  const { changeovers, settling } = context.planning;
  const own = changeovers.begin();
  const ended = (refused?: string): void => {
    changeovers.reach(own, 'changed');
    const isWhole = refused === undefined;
    context.scheduler.follow(ending(leadings, isWhole), () => done(refused));
  };
  const unless = (next: () => void): Ended => {
    return (trouble) => {
      if (trouble === undefined) next();
      else ended(trouble);
    };
  };
  // Where all has changed already, before a restart perhaps, nobody knows what cached flows follow.
  const proved = (): ReadonlySet<DatapathName> => {
    const isProved = wanted.includes('change') && ackOf('change') === 'full';
    const changed = leadings.filter(({ plan }) => isProved && plan.has('change'));
    return new Set(changed.map(({ datapath }) => datapath.name));
  };
  const run = (i: number): void => {
    const phase = wanted[i];
    const stage = phase === undefined ? stageAfter(wanted.at(-1)) : stageBefore[phase];
    changeovers.reach(own, stage);
    // What this one leaves to them is so when it ends, too.
    changeovers.whenOthers(stage, own, () => {
      if (phase === undefined) ended();
      else sendPhase(phase, i);
    });
  };
  const sendPhase = (phase: Phase, i: number): void => {
    const acknowledged = unless(() => {
      const others = leadings.filter(({ plan }) => phase === 'change' && plan.has(phase));
      const look = ({ datapath: { name } }: Leading, done: Ended): void =>
        changed === undefined ? done() : changed(name, done);
      whenAll(others, look, () => run(i + 1));
    });
    const converge = (): void =>
      convergeAll(context.scheduler, leadings, phase, ackOf(phase), acknowledged);
    const send = (): void => settling.whenSettled(unsettledBefore(phase, leadings), converge);
    const breaks = ({ plan, move }: Leading): boolean => plan.has('break') || move !== undefined;
    const isBreaking = phase === 'break' && leadings.some(breaks);
    const onArrival = (): void => {
      const before = changeovers.left;
      if (isBreaking && before.length > 0) whenArrived(context, { before, proved: proved() }, send);
      else send();
    };
    if (phase === 'break') beforeBreak(unless(onArrival));
    else countAll(context, phase === 'change' ? leadings.filter(isTurning) : [], send);
  };
  run(0);
}

/**
 * Each part writes rules of flat datapaths anew. For the first its plan has settled them: who plans
 * next takes that for carried out.
 */
function unsettledBefore(phase: Phase, leadings: readonly Leading[]): readonly Settles[] {
  if (phase === 'make') return [];
  return leadings.flatMap(({ datapath: { flat }, move }) =>
    flat === undefined || move === undefined ? [] : [flat.unsettled],
  );
}

/** How far a change is, and all before it, when its next part begins. */
const stageBefore: { readonly [of in Phase]: Stage } = {
  make: 'begun',
  change: 'made',
  break: 'changed',
};

function stageAfter(last: Phase | undefined): Stage {
  return last === undefined ? 'begun' : last === 'make' ? 'made' : 'changed';
}

/** Of one datapath in a step: everybody may have been concerned. */
function* ending(leadings: readonly Leading[], isWhole: boolean): Steps<void> {
  for (const one of leadings) {
    end(one, isWhole);
    yield;
  }
}

/** So that rules are credited with what they did before (fresh-counters.ts). */
function countAll(context: CountingContext, some: readonly Leading[], done: () => void): void {
  const count = ({ datapath }: Leading, ended: Ended): void =>
    countWhatPassed(context, datapath.name, ended);
  whenAll(some, count, () => done());
}
