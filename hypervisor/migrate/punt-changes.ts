/**
 * Changes the limit of packet-ins while tenants' rules stay: a rule's packet-ins then pass a meter,
 * another meter, or none (translation/entries/punt.ts), so the rules are changed on every body,
 * without a loss of counters. This happens when the meters of the next configuration exist, and
 * before those of the last one are removed.
 */
import type { DatapathName } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import { goesUp } from '../../translation/controllers/buffers.ts';
import { whyRefused } from '../datapath/error-attribution.ts';
import { sendPaced } from '../datapath/paced-send.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { GrowingContext } from './member-changes.ts';

/** Of those that were the first and are the second. */
export function followPunts(
  context: GrowingContext,
  changed: readonly (readonly [Vswitch, Vswitch])[],
  done: Ended,
): void {
  const others = changed.filter(([was, is]) => was.puntMeter?.id !== is.puntMeter?.id);
  const follow = ([, { name }]: (typeof others)[number], ended: Ended): void => {
    const runtime = context.runtime(name);
    const change = (on: DatapathName, told: Ended): void => {
      if (runtime === undefined) told();
      else changeOn(context, runtime, on, told);
    };
    whenAll(runtime?.placement.bodies ?? [], change, ended);
  };
  whenAll(others, follow, done);
}

function changeOn(
  context: GrowingContext,
  runtime: VswitchRuntime,
  on: DatapathName,
  done: Ended,
): void {
  const datapath = context.datapath(on);
  // What is away is corrected when it is there; one table has no meters.
  if (datapath.flat !== undefined || !datapath.isReady) {
    done();
    return;
  }
  const cursor = newCursor();
  let count = 0;
  const next = () => {
    if (runtime.excluded.has(on) || cursor.isOver) return undefined;
    const messages = runtime.rulebook
      .some(cursor)
      .filter(goesUp)
      .flatMap((rule) =>
        runtime.bodyOn(on).change({ type: 'modify', rule, before: rule, resets: false }),
      );
    count += messages.length;
    return messages;
  };
  sendPaced(context.scheduler, datapath, 'tables', next, 'full', (outcome) => {
    if (outcome.type === 'lost') done();
    else done(whyRefused(on, outcome, `${count} rules that send packets up`));
  });
}
