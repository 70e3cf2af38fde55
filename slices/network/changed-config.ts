/**
 * The snapshot of another configuration: parts that are the same in both are the same values, so
 * the cost depends on the difference (affected.ts). Placements and tenants' port configurations
 * stay as they were.
 */
import { version } from '../../openflow/values/constants.ts';
import type { Config, DatapathConfig, HostConfig, PhysicalEnd } from '../config/values.ts';
import { isSameValue } from '../equality.ts';
import { type DatapathName, endText, isSameEnd, type Vport, type VswitchName } from '../ids.ts';
import { atOnce, type Steps, withEach } from '../steps.ts';
import { changedVswitches } from './affected.ts';
import { type Computation, waysOfThese, waysOverOthers } from './changed-ways.ts';
import type { Failures } from './failures.ts';
import { linkText } from './link-states.ts';
import { isBig, isSameMembers, placedOver } from './members.ts';
import { PersistentMap } from './persistent-map.ts';
import { wishOfHost } from './ranks.ts';
import { encodingFor, isLike, placedOn, routesOf, settled } from './snapshot.ts';
import {
  type Cuts,
  type Encodings,
  type Infeasible,
  isInfeasible,
  type Placement,
  type Remembered,
  type Snapshot,
  type Vswitch,
} from './values.ts';
import { buildVswitches, rankIn } from './vswitches.ts';

/** What is known of vswitches that come. */
export type Known = Pick<Remembered, 'ids' | 'freedIds' | 'placements' | 'portConfigs'>;

/** What a configuration does not say. */
export interface Besides {
  readonly cuts?: Cuts;
  readonly leaving?: ReadonlySet<VswitchName>;
  /** Whether a datapath says that a cable in this port would carry nothing. */
  readonly isDown?: (end: PhysicalEnd) => boolean;
}

/**
 * In steps. `cuts`: vports that have nothing behind them, as in `before`. `leaving` stay what they
 * were, but that all of their vports are such. No way leads over a cable that comes and in whose
 * port nothing is yet.
 */
export function* configured(
  before: Snapshot,
  config: Config,
  known: Known,
  { cuts = new Map(), leaving = new Set(), isDown = () => false }: Besides = {},
): Computation {
  const { vswitches: were, moving } = before;
  const vswitches = yield* buildVswitches(config, known, cuts, were, leaving, moving);
  if (isInfeasible(vswitches)) return vswitches;
  const datapaths = datapathsOf(before, config);
  yield;
  const names = changedVswitches(before, { vswitches });
  yield;
  const on = new Map(config.vswitches.map((one) => [one.name, one.on]));
  let placements = PersistentMap.from(before.placements);
  let missesUp = PersistentMap.from(before.missesUp);
  let portConfigs = PersistentMap.from(before.portConfigs);
  yield* withEach(names, (name) => {
    const vswitch = vswitches.get(name);
    if (vswitch === undefined) {
      placements = placements.without(name);
      missesUp = missesUp.without(name);
      portConfigs = portConfigs.without(name);
      return;
    }
    const placement = placementIn(before, vswitch, known, datapaths, on.get(name));
    if (placement !== undefined) placements = placements.with(name, placement);
    const configs = before.portConfigs.get(name) ?? known.portConfigs.get(name);
    const own = portConfigsOf(vswitch, configs);
    portConfigs = own.size > 0 ? portConfigs.with(name, own) : portConfigs.without(name);
  });
  yield;
  const homeless = yield* whyHomeless(before, placements, datapaths);
  if (homeless !== undefined) return { why: homeless };
  yield;
  const isLinked = !isSameValue(pathsIn(before.config), pathsIn(config));
  const draft: Snapshot = {
    ...before,
    config,
    datapaths,
    vswitches,
    tenants: Map.groupBy(vswitches.values(), ({ tenant }) => tenant),
    placements,
    ...(isLinked && routesOf(config, before.avoiding, failuresIn(before, config, isDown))),
    portConfigs,
    missesUp,
    encodings: encodingsOf(before, config),
  };
  yield;
  return yield* (isLinked ? waysOverOthers : waysOfThese)(before, draft, names);
}

/** With the cables that come and carry nothing. */
function failuresIn(
  { config: { links }, failures }: Snapshot,
  config: Config,
  isDown: (end: PhysicalEnd) => boolean,
): Failures {
  const known = new Set(links.map(linkText));
  const came = config.links.filter((link) => !known.has(linkText(link)));
  const dead = came.filter((link) => link.some(isDown)).flat();
  if (dead.length === 0) return failures;
  return { ...failures, down: new Set([...failures.down, ...dead.map(endText)]) };
}

/** What a change that brings nobody needs to know. */
const nobodyComes: Pick<Known, 'placements'> = { placements: new Map() };

/**
 * The snapshot with a host plugged in elsewhere, or at two places while it moves. It is that of the
 * file that says so (`configured`), and costs what concerns the host's vswitch: no other vport has
 * another path, number or meter because of it.
 */
export function withHostAt(
  before: Snapshot,
  host: string,
  places: { readonly at: PhysicalEnd; readonly also?: PhysicalEnd },
): Snapshot | Infeasible {
  return atOnce(plugging(before, host, places));
}

/** The same in steps. */
export function* plugging(
  before: Snapshot,
  host: string,
  { at, also }: { readonly at: PhysicalEnd; readonly also?: PhysicalEnd },
): Computation {
  const { config } = before;
  const moving = new Map(before.moving);
  if (also === undefined) moving.delete(host);
  else moving.set(host, also);
  const i = config.hosts.findIndex(({ name }) => name === host);
  const was = config.hosts[i];
  if (was === undefined) return { ...before, moving };
  const own = plugged(was, at);
  // The path that was chosen for it leads to where it was.
  const ledOver = new Map(config.ledOver);
  if (!isSameEnd(was.at, at)) ledOver.delete(host);
  const next: Snapshot = {
    ...before,
    moving,
    config: { ...config, hosts: config.hosts.with(i, own), ledOver },
  };
  const { device: name, port } = was.port;
  const old = before.vswitches.get(name);
  const attachment = old?.ports.get(port);
  // Behind a vport that is cut there is nothing, wherever its host is.
  if (old === undefined || attachment?.type !== 'host') return next;
  const { also: _, ...rest } = attachment;
  const wish = wishOfHost(next.config, own, (one) => rankIn(before.vswitches, one));
  const ports = new Map(old.ports).set(port, { ...rest, at, ...(also && { also }), wish });
  const vswitch = { ...old, ports };
  if (isSameValue(old, vswitch)) return next;
  const vswitches = new Map(before.vswitches).set(name, vswitch);
  const those = before.tenants.get(old.tenant) ?? [];
  const placement = placementIn(before, vswitch, nobodyComes, before.datapaths, undefined);
  const draft: Snapshot = {
    ...next,
    vswitches,
    tenants: new Map(before.tenants).set(
      old.tenant,
      those.map((one) => (one === old ? vswitch : one)),
    ),
    ...(placement && { placements: PersistentMap.from(before.placements).with(name, placement) }),
  };
  yield;
  return yield* waysOfThese({ ...before, moving }, draft, [name]);
}

/** Of several ports that the file offers, the one that is used comes first. */
export function plugged(host: HostConfig, at: PhysicalEnd): HostConfig {
  const { offers } = host;
  if (offers === undefined) return { ...host, at };
  return { ...host, at, offers: [at, ...offers.filter((end) => !isSameEnd(end, at))] };
}

/** What all paths follow from. */
function pathsIn({ links, linkCosts, failover }: Config) {
  return { links, linkCosts, backups: failover.backups };
}

/** Those that are the same are the same values. */
function datapathsOf(
  before: Snapshot,
  { datapaths }: Config,
): ReadonlyMap<DatapathName, DatapathConfig> {
  return new Map(
    datapaths.map((one) => {
      const old = before.datapaths.get(one.name);
      return [one.name, old !== undefined && isSameValue(old, one) ? old : one] as const;
    }),
  );
}

/** What a datapath speaks shows when it connects. */
function encodingsOf({ encodings }: Snapshot, { datapaths }: Config): Encodings {
  const all = datapaths.map(({ name, encoding }) => {
    return [name, encodings.get(name) ?? encodingFor(encoding, version.of13)] as const;
  });
  return isSameValue(encodings, new Map(all)) ? encodings : new Map(all);
}

/** Undefined for one that is held: it lives nowhere. */
function placementIn(
  before: Snapshot,
  vswitch: Vswitch,
  known: Pick<Known, 'placements'>,
  datapaths: ReadonlyMap<DatapathName, unknown>,
  on: DatapathName | undefined,
): Placement | undefined {
  const { name } = vswitch;
  if (before.held.has(name)) return undefined;
  const own = before.placements.get(name);
  const earlier = own ?? known.placements.get(name);
  const isThere = own !== undefined || earlier?.bodies.every((body) => datapaths.has(body));
  if (isBig(vswitch)) {
    // Who processes what is looked at anew when it serves (hypervisor/migrate/members.ts).
    if (earlier !== undefined && isSameMembers(earlier.bodies, vswitch.members)) {
      return settled(vswitch, earlier);
    }
    return besideEarlier(own, placedOver(around(before), vswitch, own));
  }
  const isMoved = before.vswitches.get(name)?.members.length !== 0 && own !== undefined;
  if (isMoved && on !== undefined) return besideEarlier(own, placedOn(vswitch, on));
  if (earlier !== undefined && isThere) return settled(vswitch, earlier);
  return on && placedOn(vswitch, on);
}

function around({ routes, placements }: Snapshot) {
  return { routes, primaryOf: (peer: VswitchName) => placements.get(peer)?.primary };
}

/** Bodies of before stay while packets are processed there (migrate/member-changes.ts). */
function besideEarlier(earlier: Placement | undefined, next: Placement): Placement {
  return { ...next, bodies: [...new Set([...next.bodies, ...(earlier?.bodies ?? [])])] };
}

/**
 * The snapshot of another configuration that was computed from `before`, for the one of now;
 * undefined when something else is another than what tenants configure of their ports, and which
 * misses go up.
 */
export function configuredOnto(
  now: Snapshot,
  before: Snapshot,
  next: Snapshot,
): Snapshot | undefined {
  if (now === before) return next;
  if (!isLike(now, before)) return undefined;
  let portConfigs = PersistentMap.from(now.portConfigs);
  let missesUp = PersistentMap.from(now.missesUp);
  for (const name of changedVswitches(before, next)) {
    const vswitch = next.vswitches.get(name);
    const came = before.vswitches.has(name) ? undefined : next.portConfigs.get(name);
    const own = portConfigsOf(vswitch, came ?? now.portConfigs.get(name));
    portConfigs = own.size > 0 ? portConfigs.with(name, own) : portConfigs.without(name);
    if (vswitch === undefined) missesUp = missesUp.without(name);
  }
  return { ...next, portConfigs, missesUp };
}

/** Of the vports that it has. */
function portConfigsOf(
  vswitch: Vswitch | undefined,
  known: ReadonlyMap<Vport, number> = new Map(),
): ReadonlyMap<Vport, number> {
  if (vswitch === undefined) return new Map();
  return new Map([...known].filter(([vport]) => hasVport(vswitch, vport)));
}

function hasVport({ portIdentities }: Vswitch, vport: Vport): boolean {
  return portIdentities.has(vport);
}

function* whyHomeless(
  before: Snapshot,
  placements: ReadonlyMap<VswitchName, Placement>,
  datapaths: ReadonlyMap<DatapathName, DatapathConfig>,
): Steps<string | undefined> {
  const living: [VswitchName, DatapathName][] = [];
  yield* withEach(placements, ([name, { bodies }]) => {
    const gone = bodies.find((body) => !datapaths.has(body));
    if (gone !== undefined) living.push([name, gone]);
  });
  for (const [name, gone] of living) {
    const dpid = before.datapaths.get(gone)?.dpid;
    const heir = [...datapaths.values()].find((one) => one.dpid === dpid);
    const why = 'a datapath is not renamed while somebody lives there';
    const hint = heir === undefined ? '' : `${heir.name} has its dpid: ${why}; `;
    const isMember = before.vswitches.get(name)?.members.includes(gone) === true;
    const leave = isMember ? 'first apply a file in which it is no member' : 'migrate it';
    const next = `${hint}${leave}, or keep ${gone}`;
    return `${name} lives on ${gone}, which is no longer in the file; ${next}`;
  }
  return undefined;
}
