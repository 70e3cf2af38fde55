/**
 * The changes that each tenant will see when one configuration follows another while everything
 * runs: port-status messages, controllers that are disconnected or dialled, interrupted packets.
 *
 * A vswitch stays where it is: `on` counts when it is first seen (values.ts). Ways follow the
 * cables, new ones before old ones are broken, so frames are interrupted only where a host, a peer
 * or a body is elsewhere all at once.
 */
import { bareName, type Fields, fieldsOf, hostRows } from '../config/config-fields.ts';
import { isSame } from '../config/config-print.ts';
import { macText, portIdentityOf, vportText } from '../config/port-identity.ts';
import { limitsFields } from '../config/tenant-limits.ts';
import type { Config, VswitchConfig } from '../config/values.ts';
import { endText, LOCAL, type Vport, type VswitchName } from '../ids.ts';
import { atOnce, type Steps, withEach } from '../steps.ts';
import { controllersSeen } from './controllers-seen.ts';
import { type Cable, type Side, sideOf, whereTheyAre } from './difference-sides.ts';
import type { Avoided } from './drained-datapaths.ts';
import type { Hop } from './routes.ts';
import type { Seen, Sight, SightType } from './seen.ts';

/** `avoided` are drained, in both. */
export function seenByTenants(from: Config, to: Config, avoided?: Avoided): Seen {
  return atOnce(seeing(from, to, avoided));
}

/** The same in steps. */
export function* seeing(from: Config, to: Config, avoided?: Avoided): Steps<Seen> {
  const before = yield* sideOf(from, avoided);
  const after = yield* sideOf(yield* whereTheyAre(from, to), avoided, before.ranks);
  const names = new Set([...before.vswitches.keys(), ...after.vswitches.keys()]);
  const seen = new Map<string, Sight[]>();
  yield* withEach(names, (name) => {
    const was = before.vswitches.get(name);
    const is = after.vswitches.get(name);
    const tenant = (was ?? is)?.tenant ?? '';
    const list = seen.get(tenant) ?? [];
    seen.set(tenant, list);
    list.push(...controllersSeen(name, was, is), ...hostsSeen(name, was, is));
    // A controller that comes is told of the ports as they are then.
    if (was === undefined || is === undefined || was.dpid !== is.dpid) return;
    list.push(...bodySeen(was, is, before, after), ...portsSeen(was, is, before, after));
  });
  const [had, have] = [from, to].map(tenantsOf);
  yield* withEach(seen, ([tenant, sights]) => {
    if (had?.has(tenant) && have?.has(tenant)) sights.push(...limitsSeen(tenant, from, to));
  });
  return seen;
}

function tenantsOf({ vswitches }: Config): ReadonlySet<string> {
  return new Set(vswitches.map(({ tenant }) => tenant));
}

/** Of one that stays. */
function limitsSeen(tenant: string, from: Config, to: Config): readonly Sight[] {
  const [was, is] = [from, to].map(({ tenantLimits }) => {
    const limits = tenantLimits.get(tenant);
    return limits === undefined ? {} : limitsFields(limits);
  }) as [Fields, Fields];
  const keys = new Set([...Object.keys(was), ...Object.keys(is)]);
  const names = [...keys].filter((key) => !isSame(was[key] ?? '', is[key] ?? ''));
  if (names.length === 0) return [];
  const vswitch = '' as VswitchName;
  return [{ vswitch, what: '', type: 'limits', why: names.join(', ') }];
}

/** A vswitch that goes, or is another to its controllers, which bring rules of their own. */
function hostsSeen(
  vswitch: VswitchName,
  was: VswitchConfig | undefined,
  is: VswitchConfig | undefined,
): readonly Sight[] {
  if (was === undefined || was.dpid === is?.dpid) return [];
  const why = is === undefined ? 'it is removed' : 'its dpid is another: it is a new switch';
  return [{ vswitch, what: '', type: 'interrupted', why }];
}

/** The datapath that a vswitch lives on left, or is another. */
function bodySeen(
  { name: vswitch, on, members }: VswitchConfig,
  is: VswitchConfig,
  before: Side,
  after: Side,
): readonly Sight[] {
  const [was, now] = [before.datapaths.get(on), after.datapaths.get(on)];
  const sees = (why: string): readonly Sight[] => [{ vswitch, what: '', type: 'interrupted', why }];
  if (!isSame(members ?? [], is.members ?? [])) {
    const names = is.members?.join(', ') ?? is.on;
    return [{ vswitch, what: '', type: 'rerouted', why: `it is made of ${names}` }];
  }
  if (now === undefined) return sees(`${on} is removed; it lives on ${is.on}, with all its rules`);
  if (was?.dpid !== now.dpid) return sees(`${on} is the datapath of another dpid`);
  if (was.encoding !== now.encoding) return sees(`the encoding of ${on} changes`);
  return [];
}

function portsSeen(
  was: VswitchConfig,
  is: VswitchConfig,
  before: Side,
  after: Side,
): readonly Sight[] {
  const vswitch = is.name;
  const [old, now] = [before.ports.get(vswitch), after.ports.get(vswitch)];
  const vports = new Set([LOCAL, ...(old?.keys() ?? []), ...(now?.keys() ?? [])]);
  return [...vports].flatMap((vport) => {
    const [from, to] = [old?.get(vport), now?.get(vport)];
    const sees = (type: SightType, why: string): Sight => {
      return { vswitch, what: `port ${vportText(vport)}`, type, why };
    };
    const renamed = identitySeen(was, is, vport);
    const told = renamed === undefined ? [] : [sees('portModify', renamed)];
    if (vport === LOCAL) return told;
    if (from === undefined) return to ? [sees('portAdd', `it leads to ${leadsTo(to)}`)] : [];
    if (to === undefined) return [sees('portDelete', `it led to ${leadsTo(from)}`)];
    if (leadsTo(from) !== leadsTo(to)) {
      return [...told, sees('interrupted', `it leads to ${leadsTo(to)}, not ${leadsTo(from)}`)];
    }
    const queues = queuesSeen(from, to);
    const way = waySeen(wayOf(was, from, before), wayOf(is, to, after));
    return [
      ...told,
      ...queues.map((why) => sees('queues', why)),
      ...way.map(([t, w]) => sees(t, w)),
    ];
  });
}

/** A host by where it is plugged in: its name is the operator's. */
function leadsTo(cable: Cable): string {
  if (cable.type === 'host') {
    const { at, vlan, vlans } = fieldsOf(cable.host, hostRows);
    const share = vlan === undefined ? vlans && ` VLANs ${vlans}` : ` VLAN ${vlan}`;
    return `${at}${share ?? ''}`;
  }
  return endText({ device: bareName(cable.peer), port: cable.vport });
}

function identitySeen(was: VswitchConfig, is: VswitchConfig, vport: Vport): string | undefined {
  const [from, to] = [portIdentityOf(was, vport), portIdentityOf(is, vport)];
  const [before, after] = [macText(from.hwAddr), macText(to.hwAddr)];
  const parts = [
    ...(from.name === to.name ? [] : [`its name is ${to.name}, not ${from.name}`]),
    ...(before === after ? [] : [`its MAC is ${after}, not ${before}`]),
  ];
  return parts.length === 0 ? undefined : parts.join('; ');
}

function queuesSeen(from: Cable, to: Cable): readonly string[] {
  if (from.type !== 'host' || to.type !== 'host') return [];
  const [was, is] = [from.host.queues, to.host.queues];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((queue) => {
    if (!is.has(queue)) return [`it has no queue ${queue} any more`];
    if (!was.has(queue)) return [`it has a queue ${queue}`];
    return was.get(queue) === is.get(queue) ? [] : [`its queue ${queue} is another below`];
  });
}

interface Way {
  readonly hops: readonly Hop[] | undefined;
  readonly text: string;
}

/** From the vswitch's body to what the cable leads to; a big switch's is beside each host. */
function wayOf({ on, members }: VswitchConfig, cable: Cable, side: Side): Way {
  if (members !== undefined) return { hops: [], text: '' };
  const peer = cable.type === 'link' ? side.vswitches.get(cable.peer) : undefined;
  const to = cable.type === 'host' ? cable.host.at.device : peer?.on;
  if (to === undefined) return { hops: undefined, text: '' };
  const hops = side.routes.way(on, to, cable.wish)?.hops;
  return { hops, text: [on, ...(hops ?? []).map((hop) => hop.to)].join(' - ') };
}

function waySeen(was: Way, is: Way): readonly (readonly [SightType, string])[] {
  if (was.hops === undefined && is.hops === undefined) return [];
  if (is.hops === undefined) return [['portModify', 'it is down: no cables lead there']];
  if (was.hops === undefined) return [['portModify', `it is up: ${is.text}`]];
  const portsOf = (hops: readonly Hop[]) => hops.map(({ port, to }) => `${port} ${to}`).join();
  if (portsOf(was.hops) === portsOf(is.hops)) return [];
  return [['rerouted', `it goes ${is.text}, not ${was.text}`]];
}
