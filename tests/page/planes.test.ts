/**
 * The page's two planes: what is read from the API's document, where it is drawn, what lights up
 * with what, and what is exported.
 */
import t from 'tap';
import type { TopologyDocument } from '../../hypervisor/page/documents.ts';
import { dotOf, mermaidOf, svgOf } from '../../hypervisor/page/exports.ts';
import { between, hasMoved } from '../../hypervisor/page/glide.ts';
import { litBy } from '../../hypervisor/page/highlighted.ts';
import { layoutOf } from '../../hypervisor/page/layout.ts';
import { marksOf, shapePath } from '../../hypervisor/page/marks.ts';
import { emptyNetwork, found, type Network } from '../../hypervisor/page/network.ts';
import { networkOf } from '../../hypervisor/page/network-documents.ts';
import { sceneOf } from '../../hypervisor/page/scene.ts';
import { network, small } from './small-network.ts';

t.test('the document is read: states, loads, primaries first, ways in use', async (t) => {
  const [up, down] = network.cables;
  t.match(up, { id: 's1:9 - s2:8', isUp: true, load: 0.5, rate: 625_000 });
  t.match(down, { id: 's2:9 - s3:8', isUp: false });
  t.notOk(down && 'load' in down, 'what is not measured is no load of 0');
  t.strictSame(
    network.vswitches.map(({ name, tenant, bodies }) => [name, tenant, ...bodies]),
    [
      ['red/v1', 'red', 's1', 's2'],
      ['red/v2', 'red', 's3'],
      ['blue/v', 'blue', 's2'],
    ],
  );
  t.strictSame(network.ways, [
    {
      vswitch: 'red/v1',
      datapaths: ['s1', 's2', 's3'],
      cables: ['s1:9 - s2:8', 's2:7 - s3:7'],
    },
  ]);
});

t.test('a vswitch lights up its bodies, hosts, links and the cables of its ways', async (t) => {
  t.strictSame(
    [...litBy(network, 'vswitch:red/v1')].sort(),
    [
      ...['access:red/h1', 'body:red/v1@s1', 'body:red/v1@s2', 'cable:s1:9 - s2:8'],
      ...['cable:s2:7 - s3:7', 'cord:red/h1', 'datapath:s1', 'datapath:s2', 'datapath:s3'],
      ...['drop:red/v1@s1', 'drop:red/v1@s2', 'host:red/h1', 'plug:red/h1'],
      ...['vlink:red/v1:2 - red/v2:2', 'vswitch:red/v1'],
    ].sort(),
  );
  t.strictSame(litBy(network, 'body:red/v1@s2').has('vswitch:red/v1'), true);
});

t.test('and back: a datapath, a cable, a host, a tenant', async (t) => {
  const names = (id: string, kind: string): readonly string[] =>
    [...litBy(network, id)].filter((one) => one.startsWith(kind)).sort();
  t.strictSame(names('datapath:s2', 'vswitch:'), ['vswitch:blue/v', 'vswitch:red/v1']);
  t.strictSame(names('datapath:s2', 'plug:'), ['plug:blue/b1']);
  t.strictSame(names('cable:s2:7 - s3:7', 'vswitch:'), ['vswitch:red/v1']);
  t.strictSame(names('cable:s2:9 - s3:8', 'vswitch:'), [], 'a backup carries nothing');
  t.strictSame(names('plug:red/h2', 'vswitch:'), ['vswitch:red/v2']);
  t.strictSame(names('tenant:red', 'vswitch:'), ['vswitch:red/v1', 'vswitch:red/v2']);
  t.strictSame([...litBy(network, undefined)], []);
  t.strictSame([...litBy(network, 'what:ever')], []);
});

t.test('search finds by name and dpid, and hosts by where they are', async (t) => {
  t.strictSame([...found(network, 'V2')], ['vswitch:red/v2']);
  t.strictSame([...found(network, 's3:1')], ['host:red/h2', 'plug:red/h2']);
  t.strictSame([...found(network, '  ')], []);
});

/** All lists the other way round. */
function reversed(all: Network): Network {
  const entries = Object.entries(all).map(([key, list]) => [key, [...list].reverse()]);
  return Object.fromEntries(entries) as unknown as Network;
}

t.test('the layout is the same in whatever order things are listed', async (t) => {
  const places = layoutOf(network);
  t.strictSame([...layoutOf(reversed(network))].sort(), [...places].sort());
  t.equal(places.size, 3 + 3 + 3 + 3, 'datapaths, plugs, vswitches, hosts');
  const at = [...places.values()].map(({ x, y }) => `${x},${y}`);
  t.ok(new Set(at).size >= 9, 'no two of one plane are at one place');
});

t.test('what has a place keeps it, and what is new is placed', async (t) => {
  const before = layoutOf(network);
  const datapath = { ...network.datapaths[0], name: 's4' } as Network['datapaths'][number];
  const grown = { ...network, datapaths: [...network.datapaths, datapath] };
  const after = layoutOf(grown, before);
  for (const [id, place] of before) t.strictSame(after.get(id), place, id);
  t.ok(after.has('datapath:s4'));
  const [, ...left] = network.hosts;
  t.notOk(layoutOf({ ...network, hosts: left }, before).has('host:red/h1'));
});

t.test('a scene has all of it, the virtual plane above the physical', async (t) => {
  const scene = sceneOf(network, layoutOf(network));
  t.strictSame(
    scene.planes.map(({ name }) => name),
    ['physical', 'virtual'],
  );
  const lowest = Math.max(
    ...scene.nodes.filter(({ id }) => /^(vswitch|host):/.test(id)).map(({ at }) => at.y),
  );
  const highest = Math.min(
    ...scene.nodes.filter(({ id }) => /^(datapath|plug):/.test(id)).map(({ at }) => at.y),
  );
  t.ok(lowest < highest, `${lowest} is above ${highest}`);
  t.equal(scene.edges.filter(({ kind }) => kind === 'cable').length, 3);
  const bends = scene.edges.filter(({ id }) => /s2.*s3/.test(id)).map(({ bend }) => bend);
  t.ok(new Set(bends).size === 2, 'parallel cables are apart');
  t.strictSame(
    scene.bodies.map(({ id, isPrimary }) => [id, isPrimary]),
    [
      ['body:red/v1@s1', true],
      ['body:blue/v@s2', true],
      ['body:red/v1@s2', false],
      ['body:red/v2@s3', true],
    ],
  );
});

t.test('an owner has the virtual plane alone', async (t) => {
  const tenants = small.tenants.filter(({ name }) => name === 'red');
  const own: TopologyDocument = {
    ...{ atMs: 0, datapaths: [], links: [] },
    hosts: small.hosts.slice(0, 2).map((host) => ({ ...host, at: [] })),
    tenants: tenants.map(({ vswitches, ...rest }) => ({
      ...{ ...rest, ways: [] },
      vswitches: vswitches.map(({ primary: _, ...one }) => ({ ...one, on: [] })),
    })),
  };
  const scene = sceneOf(networkOf(own), layoutOf(networkOf(own)));
  t.strictSame(
    scene.planes.map(({ name }) => name),
    ['virtual'],
  );
  t.strictSame(scene.bodies, []);
  t.ok(scene.nodes.every(({ kind }) => kind !== 'datapath'));
  t.strictSame(sceneOf(emptyNetwork, layoutOf(emptyNetwork)).nodes, []);
});

t.test('a primary glides; what has not moved does not', async (t) => {
  const places = layoutOf(network);
  const before = sceneOf(network, places);
  const vswitches = network.vswitches.map((one) => {
    return one.name === 'red/v2' ? { ...one, bodies: ['s1'] } : one;
  });
  const after = sceneOf({ ...network, vswitches }, places);
  t.equal(hasMoved(before, before), false);
  t.equal(hasMoved(before, after), true);
  const at = (scene: typeof before) => scene.bodies.find((one) => one.vswitch === 'red/v2')?.at;
  t.strictSame(at(between(before, after, 0)), at(before));
  t.strictSame(at(between(before, after, 1)), at(after));
  const half = between(before, after, 0.5);
  const drop = half.edges.find(({ id }) => id === 'drop:red/v2@s1');
  t.strictSame(drop?.to, at(half), 'its line goes with it');
});

t.test('tenants are told apart without colours, too', async (t) => {
  const names = Array.from({ length: 56 }, (_, i) => `t${i}`);
  const marks = [...marksOf(names).values()].map(({ colour, shape }) => `${colour} ${shape}`);
  t.equal(new Set(marks).size, 56);
  t.strictSame(marksOf(['b', 'a']), marksOf(['a', 'b']));
  t.match(shapePath('diamond', 10), /^M0 -11\.5L11\.5 0L0 11\.5L-11\.5 0z$/);
});

t.test('exports: mermaid, dot, SVG', async (t) => {
  const mermaid = mermaidOf(network);
  t.match(mermaid, /^flowchart TB\n {2}subgraph virtual\n {4}v0\(\["red\/v1"\]\)/);
  t.match(mermaid, '  v0 ---|"2 - 2"| v1');
  t.match(mermaid, '  d0 ---|"9 - 8"| d1');
  t.match(mermaid, '  v0 -.-> d1');
  const dot = dotOf(network);
  t.match(dot, '    h2 [label="blue/b1", shape=ellipse];');
  t.match(dot, '  h0 -- v0 [label="1"];');
  t.match(dot, /\n}\n$/);
  const named = { ...network, hosts: [{ ...network.hosts[0], name: 'red/<b>"' }] } as Network;
  const svg = svgOf(named, sceneOf(named, layoutOf(named)));
  t.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="/);
  t.notMatch(svg, '<b>', 'names are text');
  t.match(svg, '&lt;b>&quot;');
});
