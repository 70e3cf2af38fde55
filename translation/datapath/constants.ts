/**
 * Entries that every datapath holds, whichever vswitches live there.
 */
import type { Instruction } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { isFlat, type Snapshot } from '../../slices/network/snapshot.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import { cookieOf, tables } from '../entries/pipeline.ts';
import { probeFlow } from '../entries/probe.ts';
import { dropFlow } from '../flat/wiring.ts';
import { normalFlows } from '../wiring/normal.ts';
import { of10ActionFlows } from '../wiring/of10-actions.ts';
import { recirculationFlow } from '../wiring/recirculation.ts';

/** Below all others. */
const MISS = 0;

export function constantFlows(snapshot: Snapshot, datapath: DatapathName): readonly PhysicalFlow[] {
  if (isFlat(snapshot, datapath)) return [dropFlow, probeFlow];
  const [cookie, priority] = [cookieOf('wiring', 0, 0), MISS];
  const toTenant: Instruction = { type: 'gotoTable', table: tables.tenant };
  return [
    // What no entry names is dropped, and counted: isolation fails closed.
    { tableId: tables.classifier, priority, match: [], instructions: [], cookie },
    { tableId: tables.guard, priority, match: [], instructions: [toTenant], cookie },
    probeFlow,
    ...of10ActionFlows(),
    ...normalFlows(),
    recirculationFlow,
  ];
}
