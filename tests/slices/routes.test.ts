/**
 * Ways between datapaths, against a search that tries every walk of growing length.
 */

import t from 'tap';
import type { PhysicalEnd } from '../../slices/config/config.ts';
import type { DatapathName, Port } from '../../slices/ids.ts';
import { type Hop, noWish, Routes } from '../../slices/network/routes.ts';
import { Random } from '../openflow/random.ts';
import { datapath } from './networks.ts';

type Link = readonly [PhysicalEnd, PhysicalEnd];

/** A graph of up to nine datapaths, some of them apart, some joined twice. */
function randomLinks(random: Random): { names: readonly DatapathName[]; links: readonly Link[] } {
  const names = Array.from({ length: 1 + random.number(9) }, (_, i) => datapath(`s${i}`));
  const nextPort = new Map<DatapathName, number>();
  const end = (device: DatapathName): PhysicalEnd => {
    const port = (nextPort.get(device) ?? 0) + 1 + random.number(3);
    nextPort.set(device, port);
    return { device, port: port as Port };
  };
  const links: Link[] = [];
  for (let i = random.number(14); i > 0 && names.length > 1; i--) {
    const one = random.pick(names);
    const other = random.pick(names.filter((name) => name !== one));
    links.push([end(one), end(other)]);
  }
  return { names, links };
}

/** The number of hops, by widening a set of reached datapaths; undefined when never reached. */
function dumbDistance(links: readonly Link[], from: DatapathName, to: DatapathName) {
  let reached = new Set([from]);
  for (let hops = 0; hops <= 10; hops++) {
    if (reached.has(to)) return hops;
    const wider = new Set(reached);
    for (const [one, other] of links) {
      if (reached.has(one.device)) wider.add(other.device);
      if (reached.has(other.device)) wider.add(one.device);
    }
    reached = wider;
  }
  return undefined;
}

/** Whether a hop from `at` runs over a link that there is. */
function isLink(links: readonly Link[], at: DatapathName, hop: Hop): boolean {
  const ends = (a: PhysicalEnd, b: PhysicalEnd): boolean =>
    a.device === at && a.port === hop.port && b.device === hop.to && b.port === hop.toPort;
  return links.some(([one, other]) => ends(one, other) || ends(other, one));
}

function checkWays(seed: number): string | undefined {
  const { names, links } = randomLinks(new Random(seed));
  const routes = new Routes(links);
  for (const to of names) {
    for (const from of names) {
      const way = routes.way(from, to)?.hops;
      if (way?.length !== dumbDistance(links, from, to)) return `${from} to ${to}: ${way?.length}`;
      let at = from;
      for (const hop of way ?? []) {
        if (!isLink(links, at, hop)) return `${at}:${hop.port} is no link`;
        at = hop.to;
      }
      if (way !== undefined && at !== to) return `the way from ${from} ends at ${at}`;
    }
  }
  return undefined;
}

t.test('every way is a shortest one over real links, and ends where it should', async (t) => {
  for (let seed = 0; seed < 500; seed++) {
    const trouble = checkWays(seed);
    if (trouble !== undefined) t.fail(`seed ${seed}: ${trouble}`);
  }
  t.pass('500 graphs');
});

t.test('the order in which ways are asked for makes no difference', async (t) => {
  for (let seed = 0; seed < 100; seed++) {
    const random = new Random(seed);
    const { names, links } = randomLinks(random);
    const fresh = (from: DatapathName, to: DatapathName) => new Routes(links).way(from, to);
    const used = new Routes(links);
    for (let round = 0; round < 20; round++) {
      const [from, to] = [random.pick(names), random.pick(names)];
      if (JSON.stringify(used.way(from, to)) !== JSON.stringify(fresh(from, to))) t.fail(`${seed}`);
    }
  }
  t.pass('100 graphs');
});

t.test('of two cables between the same datapaths the lower port is taken', async (t) => {
  const end = (name: string, port: number) => ({ device: datapath(name), port: port as Port });
  const cables: Link[] = [
    [end('a', 7), end('b', 1)],
    [end('a', 3), end('b', 2)],
  ];
  const routes = new Routes(cables);
  t.strictSame(routes.way(datapath('a'), datapath('b'))?.hops, [{ port: 3, to: 'b', toPort: 2 }]);
  t.strictSame(routes.way(datapath('b'), datapath('a'))?.hops, [{ port: 2, to: 'a', toPort: 3 }]);
  t.strictSame(routes.way(datapath('a'), datapath('a'))?.hops, []);
  t.equal(routes.way(datapath('a'), datapath('z')), undefined);
});

/** The least hops of paths that meet no datapath twice and lead through these in their order. */
function dumbThrough(
  links: readonly Link[],
  from: DatapathName,
  to: DatapathName,
  via: readonly DatapathName[],
): number | undefined {
  let least: number | undefined;
  const visit = (path: readonly DatapathName[]): void => {
    const at = path.at(-1);
    if (at === to) {
      const places = via.map((one) => path.indexOf(one));
      const isInOrder = places.every((place, i) => place > 0 && place > (places[i - 1] ?? 0));
      const hops = path.length - 1;
      if (isInOrder && (least === undefined || hops < least)) least = hops;
      return;
    }
    for (const [one, other] of links) {
      for (const [here, next] of [
        [one.device, other.device],
        [other.device, one.device],
      ] as const) {
        if (here === at && !path.includes(next)) visit([...path, next]);
      }
    }
  };
  visit([from]);
  return least;
}

t.test('through datapaths in their order: the shortest path that meets none twice', async (t) => {
  let found = 0;
  for (let seed = 0; seed < 150; seed++) {
    const random = new Random(500 + seed);
    const { names, links } = randomLinks(random);
    const [from, to, ...via] = [...names].sort(() => random.number(3) - 1).slice(0, 4);
    if (from === undefined || to === undefined || via.length === 0) continue;
    const way = new Routes(links).way(from, to, { ...noWish, via });
    const least = dumbThrough(links, from, to, via);
    if (least !== undefined) found += 1;
    if (way?.hops.length === least) continue;
    t.equal(way?.hops.length, least, `seed ${seed}: ${from} to ${to} via ${via}`);
  }
  t.ok(found > 20, `${found} have such a path`);
});

t.test(
  'the cheapest parts in a row may meet a datapath twice: a longer one does not',
  async (t) => {
    // From a to d via c: the shortest to c leads through b, which is the only one next to d.
    const end = (name: string, port: number) => ({ device: datapath(name), port: port as Port });
    const links: Link[] = [
      [end('a', 1), end('b', 1)],
      [end('b', 2), end('c', 1)],
      [end('b', 3), end('d', 1)],
      [end('a', 2), end('e', 1)],
      [end('e', 2), end('f', 1)],
      [end('f', 2), end('c', 2)],
    ];
    const wish = { ...noWish, via: [datapath('c')] };
    const way = new Routes(links).way(datapath('a'), datapath('d'), wish);
    t.strictSame(
      way?.hops.map(({ to }) => to),
      ['e', 'f', 'c', 'b', 'd'],
    );
    t.equal(new Routes(links.slice(0, 5)).way(datapath('a'), datapath('d'), wish), undefined);
  },
);
