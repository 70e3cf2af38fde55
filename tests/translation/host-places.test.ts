/**
 * A host that is plugged in elsewhere is computed for its own vswitch only: on random networks, the
 * snapshot is what another file that says so gives, which looks at everything.
 */
import t from 'tap';
import type { PhysicalEnd } from '../../slices/config/config.ts';
import { endKey, type TenantLimits } from '../../slices/config/tenant-limits.ts';
import { type DatapathName, isSameEnd, type Port, tenantOf, type Vport } from '../../slices/ids.ts';
import { touchedBy } from '../../slices/network/affected.ts';
import { configured, plugged, withHostAt } from '../../slices/network/changed-config.ts';
import {
  type Infeasible,
  isInfeasible,
  nothingRemembered,
  placementOf,
  type Snapshot,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import { atOnce } from '../../slices/steps.ts';
import { Random } from '../openflow/random.ts';
import { randomSnapshot } from './random-network.ts';

interface Places {
  readonly at: PhysicalEnd;
  readonly also?: PhysicalEnd;
}

/** What serves, with another file's vswitches, limits or cut vports. */
function under(before: Snapshot, config = before.config, cuts = cutsOf(before)): Snapshot {
  const next = atOnce(configured(before, config, knownOf(before), { cuts }));
  if (isInfeasible(next)) throw new Error(next.why);
  return next;
}

/** The dumb one: everything is looked at. */
function byFile(before: Snapshot, host: string, { at, also }: Places): Snapshot | Infeasible {
  const { config } = before;
  const moving = new Map(before.moving);
  if (also === undefined) moving.delete(host);
  else moving.set(host, also);
  const was = config.hosts.find(({ name }) => name === host);
  const ledOver = new Map(config.ledOver);
  if (was !== undefined && !isSameEnd(was.at, at)) ledOver.delete(host);
  const hosts = config.hosts.map((one) => (one.name === host ? plugged(one, at) : one));
  const besides = { cuts: cutsOf(before) };
  const file = { ...config, hosts, ledOver };
  return atOnce(configured({ ...before, moving }, file, knownOf(before), besides));
}

const cutsOf = ({ vswitches }: Snapshot) =>
  new Map([...vswitches.values()].map(({ name, cut }) => [name, cut] as const));

const knownOf = ({ vswitches }: Snapshot) => ({
  ...{ ...nothingRemembered, placements: new Map() },
  ids: new Map([...vswitches.values()].map(({ name, id }) => [name, id] as const)),
});

/** Cables that nobody needs are missing; some vports have limits, some nothing behind them. */
function variedOf(random: Random, first: Snapshot): Snapshot {
  const { hosts } = first.config;
  const tenantLimits = new Map<string, TenantLimits>();
  for (const tenant of first.tenants.keys()) {
    const own = hosts.filter(({ name }) => tenantOf(name) === tenant && random.number(2) === 0);
    const rate = { kbps: 1_000 + random.number(9_000), burstKbit: 100 };
    const bandwidths = new Map(own.map(({ port }) => [endKey(port), rate] as const));
    tenantLimits.set(tenant, { tables: {}, perDatapath: {}, on: new Map(), rates: {}, bandwidths });
  }
  const cuts = new Map(cutsOf(first));
  for (const { port } of hosts) {
    if (random.number(5) > 0) continue;
    const own = new Map(cuts.get(port.device)).set(port.port, 'nothing is there');
    cuts.set(port.device, own);
  }
  let next = under(first, { ...first.config, tenantLimits }, cuts);
  // As few cables as everybody can do with.
  for (const link of next.config.links) {
    const links = next.config.links.filter((one) => one !== link);
    const fewer = configured(next, { ...next.config, links }, knownOf(next), { cuts });
    const found = atOnce(fewer);
    if (random.number(2) === 0 && !isInfeasible(found)) next = found;
  }
  return next;
}

function clonedIn(random: Random, before: Snapshot): Snapshot {
  const vswitch = random.pick([...before.vswitches.values()]);
  const own = placementOf(before, vswitch.name);
  const bodies = [...new Set([...own.bodies, random.pick([...before.datapaths.keys()])])];
  const homes = new Map<Vport, DatapathName>();
  for (const vport of vswitch.ports.keys()) homes.set(vport, random.pick(bodies));
  const next = withPlacement(before, vswitch.name, { ...own, bodies, homes });
  return isInfeasible(next) ? before : next;
}

const sorted = <K, V>(map: Iterable<readonly [K, V]>): readonly (readonly [K, V])[] =>
  [...map].sort(([one], [other]) => (String(one) < String(other) ? -1 : 1));

/** Everything that it says. */
function whole(snapshot: Snapshot) {
  const { config, vswitches, tenants, placements, wires, outside, detoured } = snapshot;
  const { moving, encodings, missesUp, places, taggedWays, labels, hopTags } = snapshot;
  const numbers = { taggedWays: sorted(taggedWays.byKey), labels: sorted(labels.byKey) };
  return {
    ...{ config, moving, encodings, ...numbers, datapaths: snapshot.datapaths },
    vswitches: [...vswitches],
    tenants: sorted(tenants),
    placements: sorted(placements),
    wires: sorted(wires),
    outside: sorted(outside),
    detoured: sorted(detoured),
    missesUp: sorted(missesUp),
    portConfigs: sorted(snapshot.portConfigs),
    places: sorted(places).map(([name, ports]) => [
      name,
      sorted(ports).map(([p, at]) => [p, sorted(at)]),
    ]),
    hopTags: sorted(hopTags).map(([arrival, { byKey }]) => [arrival, sorted(byKey)]),
  };
}

t.test('it is what another file would give', async (t) => {
  const counts = { moved: 0, refused: 0, both: 0, cut: 0, elsewhere: 0, limited: 0, ranked: 0 };
  for (let seed = 0; seed < 150; seed++) {
    const random = new Random(seed);
    const first = randomSnapshot(random, random.pick([3, 3, 14]), seed % 5 === 1, seed % 4 === 3);
    let last = variedOf(random, first);
    for (let i = 0; i < 6; i++) {
      last = clonedIn(random, last);
      const host = random.pick(last.config.hosts);
      if (host === undefined) break;
      const end = (): PhysicalEnd => {
        const device = random.pick([...last.datapaths.keys()]);
        return { device, port: (100 + random.number(50)) as Port };
      };
      const places = random.pick([{ at: host.at, also: end() }, { at: end() }, { at: host.at }]);
      const [next, wanted] = [withHostAt, byFile].map((of) => of(last, host.name, places));
      if (next === undefined || wanted === undefined) throw new Error('both are there');
      if (isInfeasible(next) || isInfeasible(wanted)) {
        if (!t.same(next, wanted, `seed ${seed}, move ${i}`)) return;
        counts.refused += 1;
        continue;
      }
      if (!t.same(whole(next), whole(wanted), `seed ${seed}, move ${i}`)) return;
      const names = (one: Snapshot) => touchedBy(last, one).map(({ name }) => name);
      if (!t.same(names(next), names(wanted), `seed ${seed}, move ${i}: touched`)) return;
      const attachment = next.vswitches.get(host.port.device)?.ports.get(host.port.port);
      counts.moved += 1;
      if (next.moving.has(host.name)) counts.both += 1;
      if (attachment === undefined) counts.cut += 1;
      else if (attachment.bandwidth !== undefined) counts.limited += 1;
      if ((attachment?.wish.rank ?? 0) > 0) counts.ranked += 1;
      if (places.at.device !== host.at.device) counts.elsewhere += 1;
      last = next;
    }
  }
  t.ok(counts.moved > 500, JSON.stringify(counts));
  for (const [name, count] of Object.entries(counts)) t.ok(count > 0, `${name}: ${count}`);
});
