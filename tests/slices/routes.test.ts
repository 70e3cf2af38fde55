/**
 * Ways between datapaths, against a search that tries every walk of growing length.
 */

import t from 'tap';
import type { PhysicalEnd } from '../../slices/config/config.ts';
import type { DatapathName, Port } from '../../slices/ids.ts';
import { type Hop, Routes } from '../../slices/network/routes.ts';
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
