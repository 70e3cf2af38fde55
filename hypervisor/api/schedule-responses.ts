/**
 * The answers about automatic and proposed moves: schedules, secrecy, evacuations, better places,
 * idle datapaths and cables, and mirrors.
 */
import Type from 'typebox';
import { objectives } from '../../slices/config/remaps.ts';
import { predictors } from '../../slices/placement/predictors.ts';
import { strategies } from '../../translation/migration/migration.ts';
import type { IdleState } from '../migrate/idle-watch.ts';
import type { MirrorReport } from '../operator/control-mirrors.ts';
import type { OptimizeReport } from '../operator/control-optimize.ts';
import type { ScheduleReport } from '../operator/control-schedules.ts';
import type { Evacuation } from '../operator/evacuation-report.ts';
import type { MtdReport } from '../operator/mtd-report.ts';
import { ScheduleFields } from './config-responses.ts';
import {
  byName,
  closed,
  count,
  listOf,
  may,
  named,
  number,
  oneOf,
  says,
  since1970,
  text,
  texts,
} from './response-values.ts';

const Stay = closed({ vswitch: text(), on: text(), fromMs: since1970, toMs: since1970 });
const Guesses = closed({ hits: count(), tried: count('how often there was a guess') });
const names = Object.keys(predictors) as (keyof typeof predictors)[];

export const SecrecySchema = says<MtdReport>()(
  closed({
    ...{ tenants: texts(), sinceMs: since1970, nowMs: since1970, moves: count(), undone: count() },
    tookMs: number('how long a move took, on average'),
    stale: count('packets that came an old way after a move'),
    messages: count('that changed datapaths while it moved'),
    dropped: count('packets that guards dropped'),
    frozen: count('moves by freeze-and-copy'),
    probed: may(closed({ sent: count(), lost: count(), twice: count() }, 'where it was measured')),
    peak: may(closed({ on: text(), entries: count() }, 'the most entries of a datapath')),
    vswitches: listOf(
      closed({
        ...{ vswitch: text(), moves: count(), places: count(), longestMs: number() },
        ...{ entropy: number('bits'), entropyMax: number('bits') },
        guesses: closed(byName(names, Guesses)),
      }),
    ),
    together: listOf(
      closed({
        tenants: Type.Array(text(), { minItems: 2, maxItems: 2 }),
        ...{ on: text(), totalMs: number(), longestMs: number() },
      }),
    ),
    stays: listOf(Stay),
  }),
);

export const ScheduleSchema = closed({
  name: text('(optimize): what optimizes by itself'),
  fields: ScheduleFields,
  vswitches: texts(),
  moves: count('begun in the last hour'),
  ...{ last: text('what came of it last'), lastMs: may(since1970) },
  inMs: number('until its next time'),
});
says<Omit<ScheduleReport, 'fields'>>()(Type.Omit(ScheduleSchema, ['fields']));

export const Left = closed({
  ...{ name: text('a vswitch, or a host'), importance: count(), from: text(), to: text() },
  strategy: may(oneOf(strategies)),
  startMs: may(number('since the evacuation began')),
  endMs: may(number()),
  ...{ isAway: Type.Boolean(), isInTime: Type.Boolean(), why: may(text('why it is not away')) },
});

export const EvacuationSchema = says<Evacuation>()(
  closed({
    ...{ id: count(), what: text(), datapaths: texts(), cause: text(), withinMs: number() },
    ...{ startedMs: since1970, endedMs: may(since1970) },
    late: listOf(
      closed({ vswitch: text(), importance: count(), why: text() }),
      'what was said at once that it cannot be away in time',
    ),
    ...{ left: listOf(Left), byHand: texts(), ways: may(text('why ways do not lead around')) },
  }),
);

export const IdleSchema = says<IdleState>()(
  closed({
    object: text('a datapath, or a cable as the file writes it'),
    kind: oneOf(['datapath', 'link']),
    parts: texts('the datapath, or the ends of the cable'),
    stays: may(text('why it is left on')),
    state: oneOf(['idle', 'telling', 'off', 'waking']),
    ...{ sinceMs: may(since1970), why: may(text('what went wrong with the command')) },
  }),
);

export const MirrorSchema = says<MirrorReport>()(
  closed({
    ...{ vswitch: text(), at: text('the port where its copy sends everything') },
    vlans: named(count(), 'by vport, the VLAN that says that a frame left by it'),
    ...{ rules: count(), why: text('why there are no copies, or what the copy lacks') },
  }),
);

const figures = {
  busiest: number('of the busiest cable, of what it can carry'),
  ...{ hops: number(), latencyMs: number() },
  ...{ datapaths: count(), cables: count(), pairs: count() },
};

export const ProposalSchema = says<OptimizeReport>()(
  closed({
    objective: oneOf(objectives),
    score: closed({ before: number(), after: number() }),
    ...{ before: closed(figures), after: closed(figures) },
    moves: listOf(
      closed({
        ...{ vswitch: text(), from: text(), to: text() },
        ...{ rules: count(), groups: count(), meters: count() },
        rate: number('bytes a second that pass by its ports'),
        bytes: count('that are led from the old place to the new one meanwhile, at most'),
        tookMs: number('how long it takes if it moves alone, by what others took'),
      }),
    ),
    cables: listOf(closed({ from: text(), to: text(), before: number(), after: number() })),
    whyNot: texts('what would be better, and cannot be'),
    isWhole: Type.Boolean({ description: 'false: there was no time to look at everything' }),
    isUnmeasured: Type.Boolean({ description: 'nothing passed' }),
  }),
);
