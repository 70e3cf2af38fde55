/**
 * The abilities and capacities that a datapath reports when it connects: its meters always, and the
 * rest where the configuration depends on it (translation/datapath/datapath-features.ts).
 */
import { version } from '../../openflow/values/constants.ts';
import type { MultipartReplyBody } from '../../openflow/values/values.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import {
  reservesRoom,
  roomIn,
  spreadFrom,
  tableFeaturesRequest,
  whyNoSelect,
} from '../../translation/datapath/datapath-features.ts';
import { noMeters } from '../../translation/requests/meter-mod.ts';
import type { Datapath } from './datapath.ts';

/** `done` says why it cannot be used. */
export function readFeatures(
  snapshot: Snapshot,
  datapath: Datapath,
  done: (whyNot?: string) => void,
): void {
  const { config } = snapshot;
  const reserves = reservesRoom(config);
  const spread = spreadFrom(snapshot, datapath.name);
  const isOld = datapath.version === version.of10;
  const parts: MultipartReplyBody[] = [];
  const ask = (
    request: Parameters<Datapath['query']>[0],
    isNeeded: boolean,
    then: () => void,
  ): void => {
    if (!isNeeded) then();
    else {
      datapath.query(request, (some) => {
        parts.push(...(some ?? []));
        then();
      });
    }
  };
  const end = (): void => {
    // None where it refuses to say.
    datapath.meterFeatures = parts.find((one) => one.kind === 'meterFeatures') ?? noMeters;
    datapath.intent.hasMeters = datapath.meterFeatures.maxMeter > 0;
    datapath.told = reserves ? roomIn(parts) : {};
    done(whyNoSelect(parts, spread));
  };
  const rules = isOld ? ({ kind: 'table' } as const) : tableFeaturesRequest;
  const needsGroups = !isOld && (reserves || spread !== undefined);
  ask({ kind: 'meterFeatures' }, true, () => {
    ask({ kind: 'groupFeatures' }, needsGroups, () => ask(rules, reserves, end));
  });
}
