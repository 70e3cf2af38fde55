/**
 * The vswitches of a configuration: each with its number on datapaths, and the hosts and vports
 * that its own vports lead to.
 */
import type { Config, HostConfig, VirtualEnd } from '../config/config.ts';
import { portIdentityOf } from '../config/port-identity.ts';
import { endKey } from '../config/tenant-limits.ts';
import { isSameValue } from '../equality.ts';
import { isSameEnd, LOCAL, tenantOf, type Vport, type VswitchName } from '../ids.ts';
import { type Steps, withEach } from '../steps.ts';
import { type PortMeters, portMetersOf } from './port-meters.ts';
import { puntMetersOf } from './punt-meters.ts';
import { wishesOf } from './ranks.ts';
import { noWish, turned } from './routes.ts';
import type { Attachment, Cuts, Infeasible, Moving, Remembered, Vswitch } from './values.ts';
import { idsFor } from './vswitch-ids.ts';

const uncut: ReadonlyMap<Vport, string> = new Map();

type Vswitches = ReadonlyMap<VswitchName, Vswitch>;

const none: Vswitches = new Map();
const unmoved: Moving = new Map();

/**
 * In steps. Vports that are cut are there, as LOCAL is, with nothing behind them. Those of
 * `before`, which served until now, keep their order and the numbers of their cables' ends; one
 * that is the same in everything is the same value.
 */
export function* buildVswitches(
  config: Config,
  remembered: Pick<Remembered, 'ids' | 'freedIds'>,
  cuts: Cuts,
  before: Vswitches = none,
  leaving: ReadonlySet<VswitchName> = new Set(),
  moving: Moving = unmoved,
): Steps<Vswitches | Infeasible> {
  const names = config.vswitches.map((one) => one.name);
  const ids = idsFor(names, remembered);
  if ('why' in ids) return ids;
  yield;
  const all = yield* attachmentsOf(config, before, moving);
  const punts = puntMetersOf(config);
  const meters = yield* portMetersOf(config, ids);
  const vswitches = new Map<VswitchName, Vswitch>();
  const copies = new Map(config.vswitches.map(({ copyOf, name }) => [copyOf, name] as const));
  let last = -1;
  for (const { index } of before.values()) last = Math.max(last, index);
  yield* withEach(config.vswitches, (one) => {
    const { name, tenant, dpid, controllers, listen, versions, buffers, redial } = one;
    const { members = [], consistency = 'strict', partial } = one;
    const old = before.get(name);
    if (old !== undefined && leaving.has(name)) {
      vswitches.set(name, withoutCables(old));
      return;
    }
    if (old === undefined) last += 1;
    const index = old?.index ?? last;
    const id = ids.get(name);
    if (id === undefined) return;
    const cut = cuts.get(name) ?? uncut;
    const attached = [...(all.get(name) ?? [])]
      .map(
        ([port, one]) => [port, metered(one, meters.get(endKey({ device: name, port })))] as const,
      )
      .sort(([a], [b]) => a - b);
    const vports = [LOCAL, ...attached.map(([vport]) => vport)];
    const portIdentities = new Map(
      vports.map((vport) => [vport, portIdentityOf(one, vport)] as const),
    );
    const ports = new Map(attached.filter(([vport]) => !cut.has(vport)));
    const own = { controllers, listen, versions, buffers, redial, ports, portIdentities, cut };
    const place = { members, consistency, ...(partial && { partial }) };
    const puntMeter = punts.get(tenant);
    const metering = { ...(puntMeter && { puntMeter }) };
    const copied = { ...(one.copyOf && { copyOf: one.copyOf }), ...copiedTo(copies, name) };
    const vswitch = { name, index, tenant, id, dpid, ...place, ...own, ...metering, ...copied };
    vswitches.set(name, old !== undefined && isSameValue(old, vswitch) ? old : vswitch);
  });
  return vswitches;
}

function copiedTo(copies: ReadonlyMap<VswitchName | undefined, VswitchName>, name: VswitchName) {
  const copy = copies.get(name);
  return copy === undefined ? {} : { copiedTo: copy };
}

/** It goes: its controllers see its ports as before, and nothing is behind them. */
function withoutCables(vswitch: Vswitch): Vswitch {
  const why = 'its vswitch goes';
  const cut = new Map([...vswitch.ports.keys()].map((vport) => [vport, why] as const));
  return { ...vswitch, ports: new Map(), cut: new Map([...vswitch.cut, ...cut]) };
}

function metered(attachment: Attachment, bandwidth: PortMeters | undefined): Attachment {
  return bandwidth === undefined ? attachment : { ...attachment, bandwidth };
}

type Attached = readonly (readonly [Vport, Attachment])[];

function* attachmentsOf(
  config: Config,
  before: Vswitches,
  moving: Moving,
): Steps<ReadonlyMap<VswitchName, Attached>> {
  const all = new Map<VswitchName, [Vport, Attachment][]>();
  const attach = (name: VswitchName, vport: Vport, attachment: Attachment): void => {
    const own = all.get(name) ?? [];
    all.set(name, own);
    own.push([vport, attachment]);
  };
  const wishes = yield* wishesOf(config, {
    host: (host) => rankIn(before, host),
    vlink: ([one, other]) => attachmentIn(before, one, other)?.wish.rank,
  });
  yield* withEach(config.hosts.entries(), ([i, { name, port, at, vlan, vlans, queues }]) => {
    const wish = wishes.hosts[i] ?? noWish;
    const shares = { vlan, vlans };
    const also = moving.get(name);
    const places = { at, ...(also && { also }) };
    attach(port.device, port.port, {
      type: 'host',
      host: name,
      ...places,
      ...shares,
      queues,
      wish,
    });
  });
  const places = yield* freePlaces(before);
  yield* withEach(config.vlinks.entries(), ([i, [one, other]]) => {
    const there = wishes.vlinks[i] ?? noWish;
    const known = [
      attachmentIn(before, one, other)?.place,
      attachmentIn(before, other, one)?.place,
    ] as const;
    const tenant = tenantOf(one.device);
    const next = places.get(tenant) ?? 0;
    if (known.includes(undefined)) places.set(tenant, next + 2);
    const [place = next, peerPlace = next + 1] = known;
    attach(one.device, one.port, { type: 'link', peer: other, place, wish: turned(there) });
    attach(other.device, other.port, { type: 'link', peer: one, place: peerPlace, wish: there });
  });
  return all;
}

/** An end of this cable, if it is there. */
function attachmentIn(before: Vswitches, end: VirtualEnd, peer: VirtualEnd) {
  const attachment = before.get(end.device)?.ports.get(end.port);
  if (attachment?.type !== 'link') return undefined;
  return isSameEnd(attachment.peer, peer) ? attachment : undefined;
}

/** The rank of a host that is where it was. */
export function rankIn(before: Vswitches, { port, at }: HostConfig): number | undefined {
  const attachment = before.get(port.device)?.ports.get(port.port);
  if (attachment?.type !== 'host' || attachment.at.device !== at.device) return undefined;
  return attachment.wish.rank;
}

/** By tenant, behind those that its cables have; even, as one end's is. */
function* freePlaces(before: Vswitches): Steps<Map<string, number>> {
  const places = new Map<string, number>();
  yield* withEach(before.values(), ({ tenant, ports }) => {
    for (const one of ports.values()) {
      if (one.type !== 'link' || one.place < (places.get(tenant) ?? 0)) continue;
      places.set(tenant, one.place + 2 - (one.place % 2));
    }
  });
  return places;
}
