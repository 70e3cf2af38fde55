/**
 * Reads the traffic between vswitches and hosts (translation/migration/traffic.ts): before an
 * ensemble is planned, and while it is under way. Nobody else's is read, and nothing while nothing
 * migrates.
 */
import type { Vport, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Traffic } from '../../translation/migration/move-order.ts';
import {
  countingPorts,
  type Exchanged,
  type Sample,
  trafficBetween,
} from '../../translation/migration/traffic.ts';
import type { PortCounters } from '../tenant/port-counters.ts';
import { whenAll } from '../world/when-all.ts';
import type { World } from '../world/world.ts';

export interface MeteringContext {
  readonly world: Pick<World, 'after' | 'nowMs'>;
  snapshot(): Snapshot;
  runtime(name: VswitchName): { readonly portCounters: PortCounters } | undefined;
}

/** Undefined when there are too many ports, or nobody answers in time. */
export function sample(
  context: MeteringContext,
  names: readonly VswitchName[],
  done: (sample: Sample | undefined) => void,
): void {
  const ports = countingPorts(context.snapshot(), names);
  if (ports.length === 0 || ports.length > limits.trafficPortsMax) {
    done(undefined);
    return;
  }
  const counts = new Map<string, Exchanged>();
  let isOver = false;
  const finish = (found: Sample | undefined): void => {
    if (isOver) return;
    isOver = true;
    stop();
    done(found);
  };
  const stop = context.world.after(limits.statusWaitMs, () => finish(undefined));
  const read = ([name, own]: readonly [VswitchName, typeof ports], ended: () => void): void => {
    const counters = context.runtime(name)?.portCounters;
    if (counters === undefined) {
      ended();
      return;
    }
    const vports = own.map(({ vport }) => vport as Vport);
    counters.read(vports, (rows) => {
      for (const [i, { rxBytes, txBytes }] of rows.entries()) {
        const ends = own[i]?.ends;
        if (ends !== undefined)
          counts.set(`${name}:${vports[i]}`, { ends, bytes: rxBytes + txBytes });
      }
      ended();
    });
  };
  whenAll([...Map.groupBy(ports, ({ vswitch }) => vswitch)], read, () => {
    finish(counts.size === 0 ? undefined : { atMs: context.world.nowMs(), counts });
  });
}

/** What is exchanged in a second from now. */
export function measure(
  context: MeteringContext,
  names: readonly VswitchName[],
  done: (traffic: Traffic | undefined) => void,
): void {
  sample(context, names, (before) => {
    if (before === undefined) {
      done(undefined);
      return;
    }
    context.world.after(limits.trafficMeasureMs, () => {
      sample(context, names, (after) => done(after && trafficBetween(before, after)));
    });
  });
}
