/**
 * The meters, groups and rules that a vswitch of a package brings along (operator/package-file.ts),
 * made as if a controller had asked for them, before any controller is connected. So they pass the
 * same checks and limits, and are in the store and on every body in the same order.
 */
import { errorName } from '../../openflow/values/errors.ts';
import type { VswitchName } from '../../slices/ids.ts';
import { plural } from '../../slices/plural.ts';
import type { ErrorNumbers } from '../../translation/controllers/verdict.ts';
import type { MakingRequest } from '../../translation/requests/packed-requests.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { Keeper } from '../store/ready.ts';
import { whenAcknowledged } from '../tenant/acknowledged.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import type { Scheduler } from '../world/scheduler.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { Brings } from './apply-plans.ts';

export interface FillingContext extends Datapaths {
  readonly scheduler: Scheduler;
  readonly journal: Keeper;
}

/** Some at a time, as bodies take them; `ended` says what was refused, when all have answered. */
export function fillWith(
  context: FillingContext,
  runtime: VswitchRuntime,
  chunks: readonly (readonly MakingRequest[])[],
  ended: Ended,
): void {
  const refusals: (ErrorNumbers & { readonly why?: string })[] = [];
  const origin = { refuse: (error: ErrorNumbers) => void refusals.push(error) };
  const left = chunks.values();
  const step = (): boolean => {
    const { value: some = [], done } = left.next();
    for (const request of some) make(runtime, request, origin);
    return done !== true && refusals.length === 0;
  };
  const answered = (): void => {
    const [first] = refusals;
    if (first === undefined) ended();
    else {
      const count = plural(refusals.length, 'request');
      const name = errorName(first.errorType, first.errorCode);
      const why = first.why === undefined ? '' : `: ${first.why}`;
      ended(`${runtime.name}: ${count} of what it brings refused, the first with ${name}${why}`);
    }
  };
  context.scheduler.run({ step, mayGo: () => runtime.mayChange() }, () => {
    // What a body refuses is told when the disk knows that it does not stand.
    whenAcknowledged(context, runtime, () => context.journal.sync(answered));
  });
}

/** What those bring that came. */
export function fillBrought(
  context: { runtime(name: VswitchName): VswitchRuntime | undefined },
  came: readonly { readonly name: VswitchName }[],
  brings: Brings | undefined,
  ended: Ended,
): void {
  const fill = ({ name }: { readonly name: VswitchName }, one: Ended): void => {
    const runtime = context.runtime(name);
    if (runtime === undefined) one();
    else brings?.fill(runtime, one);
  };
  whenAll(brings === undefined ? [] : came, fill, ended);
}

type Origin = Parameters<VswitchRuntime['changes']['groupMod']>[1];

function make({ changes }: VswitchRuntime, request: MakingRequest, origin: Origin): void {
  switch (request.type) {
    case 'flowMod':
      changes.flowMod(request, origin, () => undefined);
      break;
    case 'groupMod':
      changes.groupMod(request, origin);
      break;
    case 'meterMod':
      changes.meterMod(request, origin);
      break;
  }
}
