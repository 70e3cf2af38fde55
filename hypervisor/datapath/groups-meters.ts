/**
 * The groups and meters that a datapath reports.
 */
import { meter as ofpm } from '../../openflow/values/constants.ts';
import type { MultipartReplyBody } from '../../openflow/values/values.ts';
import { isPuntMeter } from '../../slices/network/punt-meters.ts';
import type { PhysicalGroup, PhysicalMeter } from '../../translation/entries/physical-tables.ts';
import type { Datapath } from './datapath.ts';

export interface Stock {
  readonly groups: readonly PhysicalGroup[];
  readonly meters: readonly PhysicalMeter[];
}

/** Of one that has no meters: what it is not told of it does not lack. */
function notSent({ intent }: Datapath): readonly PhysicalMeter[] {
  return [...intent.meters.entries()].flatMap(([id, meter]) => (isPuntMeter(id) ? [meter] : []));
}

/** Undefined when it does not say; it has no meters where it refuses to say which. */
export function readStock(datapath: Datapath, done: (stock: Stock | undefined) => void): void {
  datapath.query({ kind: 'groupDesc' }, (parts) => {
    if (parts === undefined) {
      done(undefined);
      return;
    }
    const groups = parts.flatMap((one) => (one.kind === 'groupDesc' ? one.groups : []));
    if (!datapath.intent.hasMeters) done({ groups, meters: notSent(datapath) });
    else {
      datapath.query({ kind: 'meterConfig', meterId: ofpm.all }, (configs) => {
        done({ groups, meters: metersIn(configs ?? []) });
      });
    }
  });
}

function metersIn(parts: readonly MultipartReplyBody[]): readonly PhysicalMeter[] {
  return parts.flatMap((one) => (one.kind === 'meterConfig' ? one.meters : []));
}
