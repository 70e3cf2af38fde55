/**
 * Paths around what has failed: shortest of what is left, the same in both directions, and another
 * than before only for those whom it concerns. Against a search that tries every walk.
 */
import t from 'tap';
import type { PhysicalEnd } from '../../slices/config/config.ts';
import { type DatapathName, endText, type Port } from '../../slices/ids.ts';
import { type Failures, noFailures } from '../../slices/network/failures.ts';
import { noWish, Routes } from '../../slices/network/routes.ts';
import { Random } from '../openflow/random.ts';
import { datapath } from './networks.ts';

type Link = readonly [PhysicalEnd, PhysicalEnd];

const end = (name: string, port: number): PhysicalEnd => ({
  device: datapath(name),
  port: port as Port,
});

/** A ring of some, each joined to the next once or twice, and a few chords. */
function randomLinks(random: Random): { names: readonly DatapathName[]; links: readonly Link[] } {
  const names = Array.from({ length: 3 + random.number(5) }, (_, i) => datapath(`s${i}`));
  let port = 0;
  const join = (one: DatapathName, other: DatapathName): Link => {
    port += 2;
    return [end(one, port), end(other, port + 1)];
  };
  const ring = names.flatMap((name, i) => {
    const next = names[(i + 1) % names.length] ?? name;
    return random.number(3) === 0 ? [join(name, next), join(name, next)] : [join(name, next)];
  });
  const chords = Array.from({ length: random.number(4) }, () => {
    const one = random.pick(names);
    return join(one, random.pick(names.filter((name) => name !== one)));
  });
  return { names, links: [...ring, ...chords] };
}

const down = (links: readonly Link[]): Failures => ({
  ...noFailures,
  down: new Set(links.flatMap((link) => link.map(endText))),
});

/** How many hops it takes without these cables. */
function distance(links: readonly Link[], from: DatapathName, to: DatapathName) {
  let reached = new Set([from]);
  for (let hops = 0; hops <= links.length; hops++) {
    if (reached.has(to)) return hops;
    reached = new Set([
      ...reached,
      ...links.flatMap(([one, other]) => [
        ...(reached.has(one.device) ? [other.device] : []),
        ...(reached.has(other.device) ? [one.device] : []),
      ]),
    ]);
  }
  return undefined;
}

t.test('random networks, random cables', async (t) => {
  let detours = 0;
  for (let seed = 0; seed < 300; seed++) {
    const random = new Random(seed);
    const { names, links } = randomLinks(random);
    const cut = links.filter(() => random.number(4) === 0);
    const [one, more] = [cut.slice(1), cut].map((some) => new Routes(links, new Set(), down(some)));
    const whole = new Routes(links);
    for (const from of names) {
      for (const to of names) {
        if (from === to) continue;
        const wish = { ...noWish, rank: random.number(4) };
        const [best, had, has, back] = [
          whole.way(from, to, wish),
          one?.way(from, to, wish),
          more?.way(from, to, wish),
          more?.way(to, from, wish),
        ];
        const where = `seed ${seed}, ${from} to ${to}`;
        const left = links.filter((link) => !cut.includes(link));
        const shortest = distance(left, from, to);
        const text = has?.text ?? '';
        const isCut = cut.some((link) => crosses(text, link));
        if (shortest === undefined && text !== best?.text) t.fail(`${where}: ${text}`);
        if (shortest !== undefined && isCut) t.fail(`${where}: over a cable that is down`);
        if (shortest !== undefined && has?.hops.length !== shortest) t.fail(`${where}: long`);
        if (has?.isDetour === true) detours += 1;
        else if (text !== best?.text) t.fail(`${where}: not as preferred`);
        const turned = back?.hops.map(({ toPort }) => toPort).reverse();
        t.strictSame(
          turned,
          has?.hops.map(({ port }) => port),
          `${where}: the same path back`,
        );
        const [last] = cut;
        const concerns = last !== undefined && crosses(had?.text ?? '', last);
        if (!concerns && had?.text !== text) t.fail(`${where}: it was not concerned`);
      }
    }
  }
  t.ok(detours > 500, `${detours} detours`);
});

function crosses(text: string, [one, other]: Link): boolean {
  const [a, b] = [endText(one), endText(other)];
  return text.split(' ').some((hop) => hop === `${a}>${b}` || hop === `${b}>${a}`);
}

t.test('ranks: equal paths in turn, those without a common cable first', async (t) => {
  const cables: Link[] = [
    [end('a', 1), end('b', 1)],
    [end('a', 2), end('b', 2)],
    [end('a', 3), end('b', 3)],
    [end('a', 4), end('c', 4)],
    [end('c', 5), end('b', 5)],
  ];
  const taken = (routes: Routes) =>
    [0, 1, 2, 3, 4].map((rank) => {
      return routes
        .way(datapath('a'), datapath('b'), { ...noWish, rank })
        ?.hops.map(({ port }) => port);
    });
  t.strictSame(taken(new Routes(cables)), [[1], [2], [3], [2], [3]]);
  const [first, second, third] = cables as [Link, Link, Link];
  const without = (...some: readonly Link[]) => taken(new Routes(cables, new Set(), down(some)));
  t.strictSame(without(second), [[1], [3], [3], [3], [3]]);
  t.strictSame(without(first, second, third), Array(5).fill([4, 5]), 'the long way');
});

t.test('held cables, datapaths that are away or lost', async (t) => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(datapath) as [
    DatapathName,
    DatapathName,
    DatapathName,
    DatapathName,
  ];
  const links: Link[] = [
    [end('a', 1), end('c', 1)],
    [end('c', 2), end('b', 2)],
    [end('a', 3), end('d', 3)],
    [end('d', 4), end('b', 4)],
  ];
  const by = (failures: Partial<Failures>) =>
    new Routes(links, new Set(), { ...noFailures, ...failures }).way(a, b)?.hops[0]?.to;
  const ofC = new Set(['a:1', 'c:1']);
  const ofD = new Set(['a:3', 'd:3']);
  t.equal(by({}), c);
  t.equal(by({ held: ofC }), d, 'it came back a moment ago');
  t.equal(by({ held: ofC, down: ofD }), c, 'there is no other');
  t.equal(by({ away: new Set([c]) }), c, 'it may still forward');
  t.equal(by({ lost: new Set([c]), away: new Set([c]) }), d);
  t.equal(by({ down: ofC, away: new Set([d]) }), c, 'nothing can be made there');
  t.equal(by({ lost: new Set([c, d]) }), c, 'what stands stays');
});
