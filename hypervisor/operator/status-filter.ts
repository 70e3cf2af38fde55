/**
 * A part of a status report: of some tenants, vswitches or hosts, of one datapath, or of everything
 * that is down.
 */
import { tenantOf } from '../../slices/ids.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { isHostMoveOver } from '../../translation/migration/host-move.ts';
import { isMemberOver } from '../../translation/migration/member-states.ts';
import { isOver } from '../../translation/migration/migration.ts';
import type { StatusReport } from './report.ts';

export interface StatusFilter {
  /** Tenants, vswitches, hosts, datapaths; none: all. */
  readonly names: readonly string[];
  readonly datapath?: string;
  /** Only what is not as it should be. */
  readonly isDown: boolean;
}

type VswitchStatus = StatusReport['vswitches'][number];
type DatapathStatus = StatusReport['datapaths'][number];

/** Or which name nothing has, and what is near to it. */
export function filtered(
  status: StatusReport,
  { names, datapath, isDown }: StatusFilter,
): StatusReport | { readonly whyNot: string } {
  const datapaths = new Set(status.datapaths.map(({ name }) => name));
  const known = namesIn(status);
  const wrong = names.find((one) => !datapaths.has(one) && !known.has(one));
  if (wrong !== undefined) {
    const kind = 'tenant, vswitch, host or datapath';
    return { whyNot: noSuchText(kind, wrong, [...known, ...datapaths]) };
  }
  if (datapath !== undefined && !datapaths.has(datapath)) {
    return { whyNot: noSuchText('datapath', datapath, datapaths) };
  }
  const places = [...names, ...(datapath === undefined ? [] : [datapath])].filter((one) =>
    datapaths.has(one),
  );
  const owners = names.filter((one) => !datapaths.has(one));
  const isAll = places.length + owners.length === 0;
  const part = isAll ? status : partOf(status, new Set(owners), new Set(places));
  return isDown ? troublesOf(part) : part;
}

/** Of tenants, vswitches and hosts. */
function namesIn({ vswitches, hosts, left }: StatusReport): ReadonlySet<string> {
  const names = [
    ...vswitches.map(({ name }) => name),
    ...hosts.map(({ name }) => name),
    ...left.map(({ vswitch }) => vswitch as string),
  ];
  return new Set([...names.map(tenantOf), ...names]);
}

/** A port of a datapath, or of a vswitch: which one. */
function deviceOf(end: string): string {
  return end.slice(0, end.lastIndexOf(':'));
}

function partOf(
  status: StatusReport,
  owners: ReadonlySet<string>,
  places: ReadonlySet<string>,
): StatusReport {
  const isAt = (ends: readonly string[]): boolean => ends.some((one) => places.has(deviceOf(one)));
  const isOwned = (name: string): boolean =>
    owners.size === 0 || owners.has(name) || owners.has(tenantOf(name));
  const isNear = (ends: readonly string[]): boolean => places.size === 0 || isAt(ends);
  const hosts = status.hosts.filter((one) => {
    return (isOwned(one.name) || owners.has(deviceOf(one.port))) && isNear(one.at);
  });
  const withHost = new Set(hosts.map(({ port }) => deviceOf(port)));
  const vswitches = status.vswitches.filter(({ name, on }) => {
    if (withHost.has(name)) return true;
    return isOwned(name) && (places.size === 0 || on.some((one) => places.has(one)));
  });
  const kept = new Set(vswitches.map(({ name }) => name));
  const used = new Set([
    ...places,
    ...(places.size > 0 ? [] : vswitches.flatMap(({ on }) => on)),
    ...(places.size > 0 ? [] : hosts.flatMap(({ at }) => at.map(deviceOf))),
  ]);
  const migrations = status.migrations.filter(({ vswitch }) => kept.has(vswitch));
  const hostMoves = status.hostMoves.filter(({ host }) => hosts.some(({ name }) => name === host));
  const ensembles = new Set([...migrations, ...hostMoves].map(({ ensemble }) => ensemble));
  return {
    ...status,
    ...{ hosts, vswitches, migrations, hostMoves },
    datapaths: status.datapaths
      .filter(({ name }) => used.has(name))
      .map((one) => ({ ...one, through: throughOf(one, owners) })),
    links: status.links.filter(({ ends }) => isAt(ends)),
    ensembles: status.ensembles.filter(({ id }) => ensembles.has(id)),
    memberMoves: status.memberMoves?.filter(({ vswitch }) => kept.has(vswitch)) ?? [],
    atLimits: status.atLimits.filter(({ tenant }) =>
      [...kept].some((one) => tenantOf(one) === tenant),
    ),
    left: places.size > 0 ? [] : status.left.filter(({ vswitch }) => isOwned(vswitch)),
    // Of everybody, or of nobody.
    ...{ suspicions: [], unknown: [], refused: [], alarms: {}, givenUp: {} },
  };
}

function throughOf({ through }: DatapathStatus, owners: ReadonlySet<string>) {
  const tenants = new Set([...owners].map((one) => (one.includes('/') ? tenantOf(one) : one)));
  return owners.size === 0 ? through : through.filter(({ tenant }) => tenants.has(tenant));
}

function troublesOf(status: StatusReport): StatusReport {
  return {
    ...status,
    datapaths: status.datapaths
      .filter((one) => one.state !== 'ready' || one.warnings.length > 0)
      .map((one) => ({ ...one, through: [], forgets: '' })),
    vswitches: status.vswitches.filter(isTroubled),
    // One whose datapath is away is told by that.
    links: status.links.filter(({ state }) => state !== 'up' && state !== 'unverified'),
    hosts: status.hosts.filter(({ state }) => state !== 'up'),
    migrations: status.migrations.filter((one) => !isOver(one)),
    ensembles: status.ensembles.filter(
      ({ state }) => state.type !== 'done' && state.type !== 'undone',
    ),
    hostMoves: status.hostMoves.filter((one) => !isHostMoveOver(one)),
    memberMoves: status.memberMoves?.filter((one) => !isMemberOver(one)) ?? [],
    left: status.left.filter(({ hasHeir }) => hasHeir),
  };
}

function isTroubled({ down, ports, controllers }: VswitchStatus): boolean {
  if (down !== undefined) return true;
  if (ports.some(({ port, state }) => state === 'down' && port !== 'LOCAL')) return true;
  return controllers.some(({ state }) => state !== 'up');
}
