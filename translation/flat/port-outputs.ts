/**
 * The number of times that a list of actions sends a packet by each vport: with it a rule's
 * counters yield those of the ports, where no table of ours counts the packets that leave.
 */
import { port as ofpp } from '../../openflow/values/constants.ts';
import type { Action } from '../../openflow/values/values.ts';
import type { Vport } from '../../slices/ids.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { flowKey } from '../entries/physical-tables.ts';
import { cannotTransmit, isFlooded } from '../wiring/port-wiring.ts';
import type { FlatContext, InstalledRule, Reading } from './context.ts';
import type { Row, Seen } from './rule-counters.ts';
import { appliedBy } from './rules.ts';

/** Of a packet that entered by `ingress`; reserved numbers for one that entered by no port. */
export function copiesOf(
  snapshot: Snapshot,
  vswitch: Vswitch,
  ingress: number,
  actions: readonly Action[],
): ReadonlyMap<Vport, number> {
  const copies = new Map<Vport, number>();
  const send = (vport: Vport): void => {
    if (!vswitch.ports.has(vport) || cannotTransmit(snapshot, vswitch, vport)) return;
    copies.set(vport, (copies.get(vport) ?? 0) + 1);
  };
  for (const action of actions) {
    if (action.type !== 'output' && action.type !== 'enqueue') continue;
    const { port } = action;
    if (port === ofpp.inPort) send(ingress as Vport);
    else if (isSpread(port)) {
      for (const vport of vswitch.ports.keys()) {
        if (vport === ingress) continue;
        if (port === ofpp.all || isFlooded(snapshot, vswitch, vport)) send(vport);
      }
    } else if (port !== ingress) send(port as Vport);
  }
  return copies;
}

/** NORMAL floods here (actions.ts). */
function isSpread(port: number): boolean {
  return port === ofpp.all || port === ofpp.flood || port === ofpp.normal;
}

/** Where packets that are news came from, and what they left by: no table counts that here. */
export function passed(
  context: FlatContext,
  vswitch: Vswitch,
  installed: InstalledRule | undefined,
  row: Row,
  { news }: Seen,
): Pick<Reading, 'sent' | 'came'> {
  const entrance = news.packets === 0n ? undefined : context.entranceOf(row.match);
  if (entrance === undefined) return { sent: [], came: [] };
  const { vport, isAccess, trunk } = entrance;
  const { packets: rxPackets, bytes: rxBytes } = news;
  const isShared = isAccess || trunk !== undefined;
  const came = isShared ? [{ vport, rxPackets, rxBytes }] : [];
  if (installed === undefined) return { sent: [], came };
  const lost = installed.lost.get(flowKey(row));
  const copies = copiesOf(context.site().snapshot, vswitch, vport, appliedBy(installed.rule));
  const sent = [...copies].map(([to, count]) => {
    const times = BigInt(count - (lost?.get(to) ?? 0));
    return { vport: to, packets: news.packets * times, bytes: news.bytes * times };
  });
  return { sent, came };
}
