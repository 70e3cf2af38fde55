/**
 * Random networks of a few datapaths and tenants: connected below, trees above.
 */

import {
  compile,
  isInfeasible,
  nothingRemembered,
  type Snapshot,
} from '../../slices/network/snapshot.ts';
import type { Random } from '../openflow/random.ts';
import { configOf } from '../slices/networks.ts';

/**
 * `vswitchesMax` is a tenant's; `share` has some hosts share ports, each with a VLAN; `hasBig` puts
 * some vswitches on several datapaths; `backups` are paths beside each.
 */
export function randomSnapshot(
  random: Random,
  vswitchesMax = 3,
  share = false,
  hasBig = false,
  backups = 0,
): Snapshot {
  const datapaths = 2 + random.number(vswitchesMax > 3 ? 2 : 4);
  const nextPort = new Map<number, number>();
  const port = (datapath: number): string => {
    const next = (nextPort.get(datapath) ?? 0) + 1;
    nextPort.set(datapath, next);
    return `s${datapath}:${next}`;
  };
  const links: string[] = [];
  for (let i = 1; i < datapaths; i++) {
    links.push(`${port(random.number(i))} - ${port(i)}`);
  }
  for (let i = random.number(3); i > 0; i--) {
    const one = random.number(datapaths);
    links.push(`${port(one)} - ${port((one + 1) % datapaths)}`);
  }
  const places = new Map<number, string>();
  let vlan = 0;
  // Some hosts of both tenants share a port of their datapath, each with a VLAN of its own.
  const place = (datapath: number): string => {
    if (!share || random.number(3) > 0) return `at: ${port(datapath)}`;
    const shared = places.get(datapath) ?? port(datapath);
    places.set(datapath, shared);
    vlan += 1;
    return `at: ${shared}, vlan: ${vlan}`;
  };
  const on = hasBig ? placeOfAny : placeOfSmall;
  const tenants = ['red', 'blue'].map(
    (name) => `  ${name}:\n${tenant(random, vswitchesMax, datapaths, place, on)}`,
  );
  const names = Array.from({ length: datapaths }, (_, i) => `  s${i}: { dpid: ${i + 1} }`);
  const list = links.map((link) => `  - ${link}`);
  const failover = `failover: { backups: ${backups} }`;
  const yaml = [failover, 'datapaths:', ...names, 'links:', ...list, 'tenants:', ...tenants].join(
    '\n',
  );
  const snapshot = compile(configOf(yaml), nothingRemembered);
  if (isInfeasible(snapshot)) throw new Error(snapshot.why);
  return snapshot;
}

function placeOfSmall(random: Random, datapaths: number): string {
  return `on: s${random.number(datapaths)}`;
}

function placeOfAny(random: Random, datapaths: number): string {
  if (random.number(3) === 0) return placeOfSmall(random, datapaths);
  const members = Array.from({ length: datapaths }, (_, i) => `s${i}`);
  while (members.length > 2 && random.number(3) === 0) {
    members.splice(random.number(members.length), 1);
  }
  return `on: [${members.join(', ')}], consistency: ${random.pick(['strict', 'eventual'])}`;
}

/** Vswitches anywhere, joined to a tree; a few hosts, also on datapaths without their vswitch. */
function tenant(
  random: Random,
  vswitchesMax: number,
  datapaths: number,
  place: (datapath: number) => string,
  on: typeof placeOfAny,
): string {
  const count = 1 + random.number(vswitchesMax);
  const nextVport = new Map<number, number>();
  const vport = (vswitch: number): string => {
    const next = (nextVport.get(vswitch) ?? 0) + 1;
    nextVport.set(vswitch, next);
    return `v${vswitch}:${next}`;
  };
  const lines = ['    vswitches:'];
  for (let i = 0; i < count; i++) {
    lines.push(`      v${i}: { dpid: ${i + 1}, ${on(random, datapaths)} }`);
  }
  lines.push('    hosts:');
  for (let i = 0; i < 2 + random.number(3); i++) {
    const at = place(random.number(datapaths));
    lines.push(`      h${i}: { port: ${vport(random.number(count))}, ${at} }`);
  }
  lines.push('    links:');
  for (let i = 1; i < count; i++) {
    lines.push(`      - ${vport(random.number(i))} - ${vport(i)}`);
  }
  return count > 1 ? lines.join('\n') : lines.slice(0, -1).join('\n');
}
