/**
 * The network in one document, in two planes: datapaths, cables and hosts; and above them the
 * tenants' networks, with the place of each vswitch and vport, and the paths of virtual links.
 */
import Type, { type Static } from 'typebox';
import { pairText } from '../../slices/config/config-names.ts';
import { vportText } from '../../slices/config/port-identity.ts';
import { listenText, targetText } from '../../slices/config/target.ts';
import { dpidText, endText, type VswitchName } from '../../slices/ids.ts';
import { legsOf } from '../../slices/network/graph.ts';
import { isFlat, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import { type Wire, wiresOf } from '../../slices/network/wires.ts';
import { cableKey, datapathKey } from '../../slices/traffic/measured.ts';
import { isOver } from '../../translation/migration/migration.ts';
import type { Operated } from '../operator/control.ts';
import { hostReports } from '../operator/host-report.ts';
import { linkReports } from '../operator/link-report.ts';
import { portReports } from '../operator/port-report.ts';
import { closed, titled } from './response-values.ts';

const text = (description: string) => Type.String({ description });
const rate = Type.Optional(
  Type.Number({ description: 'bytes a second; absent: not measured (ask /api/v1/traffic)' }),
);
const end = text('a datapath and its port, as the file writes them: s1:3');

const TopologyDatapath = closed({
  name: Type.String(),
  dpid: text('16 hex digits'),
  state: text('ready, away, ...'),
  why: text('why it is not ready; else empty'),
  encoding: Type.Union([Type.Literal('pipeline'), Type.Literal('flat')]),
  isDrained: Type.Boolean(),
  load: rate,
  ports: Type.Array(closed({ port: Type.Integer(), isUp: Type.Boolean() }), {
    description: 'those that the file names',
  }),
  zones: Type.Array(Type.String()),
});

const TopologyLink = closed({
  ends: Type.Array(end, { minItems: 2, maxItems: 2 }),
  state: text('up, down, silent, ... as "limevisor links" says'),
  text: text('the state in words'),
  kbps: Type.Optional(Type.Number({ description: 'as the file says' })),
  cost: Type.Optional(Type.Number()),
  load: closed({ there: rate, back: rate }, 'from the first end, and back'),
});

const TopologyHost = closed({
  name: text('red/h1'),
  vport: text('of its vswitch: red/v1:1'),
  at: Type.Array(end, { description: 'two while it moves' }),
  state: text('up or down'),
  why: Type.String(),
});

const TopologyPort = closed({
  port: Type.String(),
  name: Type.String(),
  state: text('up or down'),
  leadsTo: text('host red/h1 at s1:1, or red/v2:3'),
  home: Type.Optional(text('the datapath on which its packets are processed')),
});

const TopologyVswitch = closed({
  name: text('red/v1'),
  dpid: Type.String(),
  on: Type.Array(Type.String(), { description: 'its bodies; two while it migrates' }),
  primary: Type.Optional(text('the body that processes every packet')),
  isBig: Type.Boolean(),
  down: Type.Optional(text('why it does not serve')),
  rules: Type.Integer(),
  ports: Type.Array(TopologyPort),
  controllers: Type.Array(closed({ target: Type.String(), state: Type.String() })),
  migration: Type.Optional(Type.Integer({ description: 'the one that is under way' })),
});

const TopologyWay = closed({
  of: text('the vport at which it ends'),
  what: text('what is reached by it'),
  role: text('used, shared, backup, ...'),
  path: Type.Array(Type.String(), { description: 'datapaths, in order' }),
  links: Type.Array(end, { description: 'by which ports it leaves each' }),
});

const TopologyTenant = closed({
  name: Type.String(),
  vswitches: Type.Array(TopologyVswitch),
  links: Type.Array(closed({ ends: Type.Array(text('red/v1:2'), { minItems: 2, maxItems: 2 }) })),
  ways: Type.Array(TopologyWay),
});

export const Topology = titled('Topology', {
  atMs: Type.Number({ description: 'milliseconds since 1970' }),
  datapaths: Type.Array(TopologyDatapath),
  links: Type.Array(TopologyLink),
  hosts: Type.Array(TopologyHost),
  tenants: Type.Array(TopologyTenant),
});

export type Topology = Static<typeof Topology>;

type Sources = Pick<
  Operated,
  'world' | 'probing' | 'traffic' | 'executor' | 'snapshot' | 'datapaths' | 'runtimes' | 'runtime'
> &
  Parameters<typeof portReports>[0];

export function topologyOf(context: Sources): Topology {
  const snapshot = context.snapshot();
  return {
    atMs: context.world.wallClockMs(),
    datapaths: datapathsOf(context, snapshot),
    links: linksOf(context, snapshot),
    hosts: context.runtimes().flatMap((runtime) => {
      return hostReports(runtime.vswitch, portReports(context, runtime)).map((one) => ({
        ...{ name: one.name, vport: one.port, at: [...one.at] },
        ...{ state: one.state, why: one.why },
      }));
    }),
    tenants: [...snapshot.tenants].map(([name, vswitches]) => ({
      name,
      vswitches: vswitches.map((one) => vswitchOf(context, snapshot, one)),
      links: vlinksOf(snapshot, vswitches),
      ways: wiresOf(snapshot, vswitches).map(wayOf),
    })),
  };
}

function datapathsOf({ traffic, ...context }: Sources, snapshot: Snapshot) {
  const { config, avoiding } = snapshot;
  const ends = [...config.links.flat(), ...config.hosts.map(({ at }) => at)];
  const named = Map.groupBy(ends, ({ device }) => device);
  return context.datapaths().map((one) => {
    const ports = new Set((named.get(one.name) ?? []).map(({ port }) => port));
    return {
      ...{ name: one.name, dpid: dpidText(one.config.dpid), state: one.state.type },
      why: 'why' in one.state ? one.state.why : '',
      encoding: isFlat(snapshot, one.name) ? ('flat' as const) : ('pipeline' as const),
      isDrained: avoiding.goal.has(one.name),
      ...loadOf(traffic, datapathKey(one.name)),
      ports: [...ports]
        .sort((a, b) => a - b)
        .map((port) => ({ port, isUp: one.isReady && one.isPortUp(port) })),
      zones: [...config.zones].flatMap(([zone, all]) => (all.includes(one.name) ? [zone] : [])),
    };
  });
}

function linksOf({ probing, traffic, world }: Sources, { config }: Snapshot) {
  const known = linkReports({ probing, world });
  return probing.linkWatch.states().map(({ ends }, i) => {
    const key = pairText(ends);
    const [kbps, cost] = [config.linkBandwidths.get(key), config.linkCosts.get(key)];
    const [one, other] = ends;
    const [there, back] = [one, other].map((from) => loadOf(traffic, cableKey(from)).load);
    return {
      ends: ends.map(endText),
      ...{ state: known[i]?.state ?? 'unknown', text: known[i]?.text ?? '' },
      ...(kbps !== undefined && { kbps }),
      ...(cost !== undefined && { cost }),
      load: { ...(there !== undefined && { there }), ...(back !== undefined && { back }) },
    };
  });
}

function loadOf(traffic: Sources['traffic'], key: string): { readonly load?: number } {
  const { measured, nowMs } = traffic;
  const series = measured.isFresh(key, nowMs) ? measured.of(key) : undefined;
  return series?.now === undefined ? {} : { load: series.now };
}

function vswitchOf(context: Sources, snapshot: Snapshot, vswitch: Vswitch) {
  const { name, dpid } = vswitch;
  const runtime = context.runtime(name);
  const placement = snapshot.placements.get(name);
  const migration = context.executor.all().find((one) => one.vswitch === name && !isOver(one));
  const down = runtime?.whyDown();
  const homes = new Map([...(placement?.homes ?? [])].map(([port, at]) => [vportText(port), at]));
  return {
    ...{ name, dpid: dpidText(dpid), on: [...(placement?.bodies ?? [])] },
    ...(placement !== undefined && { primary: placement.primary }),
    isBig: vswitch.members.length > 1,
    ...(down !== undefined && { down }),
    rules: runtime?.rulebook.size ?? 0,
    ports: (runtime === undefined ? [] : portReports(context, runtime)).map((one) => {
      const home = homes.get(one.port);
      return {
        ...{ port: one.port, name: one.name, state: one.state, leadsTo: one.leadsTo },
        ...(home !== undefined && { home }),
      };
    }),
    controllers: (runtime?.controllers ?? []).map(({ state, target, kind }) => ({
      target: kind === 'guest' ? listenText(target) : targetText(target),
      state: state.type,
    })),
    ...(migration !== undefined && { migration: migration.id }),
  };
}

function vlinksOf({ config }: Snapshot, vswitches: readonly Vswitch[]) {
  const own = new Set<VswitchName>(vswitches.map(({ name }) => name));
  return config.vlinks
    .filter(([{ device }]) => own.has(device))
    .map((ends) => ({ ends: ends.map(endText) }));
}

function wayOf({ of, from, hops = [], what, role }: Wire) {
  const links = legsOf(from, hops).map(({ at: device, hop }) => {
    return endText({ device, port: hop.port });
  });
  return { ...{ of: endText(of), what, role }, path: [from, ...hops.map(({ to }) => to)], links };
}
