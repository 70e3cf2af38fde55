/**
 * What a file leaves open is placed where there is room, stays there whoever comes and goes, and is
 * refused with the nearest thing that would fit.
 */
import t from 'tap';
import type { Config } from '../../slices/config/config.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { avoidingNothing } from '../../slices/network/drained-datapaths.ts';
import { Routes } from '../../slices/network/routes.ts';
import { compile, nothingRemembered } from '../../slices/network/snapshot.ts';
import { wiresOf } from '../../slices/network/wires.ts';
import {
  type Admitted,
  admit,
  admitBeside,
  plugsOf,
  type Settled,
} from '../../slices/placement/admission.ts';
import { Random } from '../openflow/random.ts';
import { configOf } from './networks.ts';

const nothing: Settled = { bodies: new Map(), plugs: new Map(), avoiding: avoidingNothing };

function admitted(config: Config, settled = nothing): Admitted {
  return admit(config, settled, new Routes(config.links));
}

/** What a store has after that. */
function settledBy({ config }: Admitted): Settled {
  const placed = config.vswitches.filter(({ on }) => on !== '');
  const bodies = new Map(placed.map(({ name, on }) => [name, [on]]));
  return { ...nothing, bodies, plugs: new Map(Object.entries(plugsOf(config) ?? {})) };
}

function placesOf({ config }: Admitted): Record<string, string> {
  const hosts = config.hosts.filter(({ offers }) => offers !== undefined);
  return Object.fromEntries([
    ...config.vswitches.map(({ name, on }) => [name, on]),
    ...hosts.map(({ name, at }) => [name, `${at.device}:${at.port}`]),
  ]);
}

const line = `
datapaths:
  s1: { dpid: 1, capacity: { rules: 100, vswitches: 2 } }
  s2: { dpid: 2, capacity: { rules: 100 } }
  s3: { dpid: 3, capacity: { rules: 100 } }
links: [{ ends: s1:9 - s2:9, bandwidth: 1G }, { ends: s2:8 - s3:8, bandwidth: 1G }]
tenants:
`;

const red = (rules: number, bandwidth = '100M') => `
  red:
    vswitches:
      v1: { dpid: 1, place: auto, reserve: { rules: ${rules} } }
      v2: { dpid: 2, place: auto, reserve: { rules: ${rules} } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: [s3:1, s1:2] } }
    links: [{ ends: v1:2 - v2:2, bandwidth: ${bandwidth} }]
`;

t.test('what hangs together is placed together, and beside its hosts', async (t) => {
  const places = placesOf(admitted(configOf(line + red(50))));
  t.strictSame(places, { 'red/v1': 's1', 'red/v2': 's1', 'red/h2': 's1:2' });
  const apart = placesOf(admitted(configOf(line + red(60))));
  t.match(apart, { 'red/v1': 's1', 'red/v2': 's2' });
});

t.test('who is somewhere stays there, though another place has become nearer', async (t) => {
  const config = configOf(line + red(50));
  const bodies = new Map([['red/v1' as VswitchName, ['s3' as DatapathName]]]);
  const kept = admitted(config, { ...nothing, bodies, plugs: new Map([['red/h2', 's3:1']]) });
  t.match(placesOf(kept), { 'red/v1': 's3', 'red/v2': 's3', 'red/h2': 's3:1' });
  t.strictSame(kept.chosen, [{ object: 'red/v2', where: 's3' }]);
});

const ring = `
datapaths:
${[1, 2, 3, 4, 5].map((i) => `  s${i}: { dpid: ${i}, capacity: { rules: 100 } }`).join('\n')}
links:
${[1, 2, 3, 4, 5].map((i) => `  - { ends: s${i}:1 - s${(i % 5) + 1}:2, bandwidth: 1G }`).join('\n')}
tenants:`;

const large = (i: number) => `v${i}: { dpid: ${i}, place: auto, reserve: { rules: 90 } }`;

const refusals: Readonly<Record<string, readonly [text: string, why: RegExp]>> = {
  'no datapath has so much': [
    red(120),
    /no datapath has what red\/v1 reserves \(120 rules: 100 are left on s1, .*nearest\); reserve /,
  ],
  'not all together': [
    `  big: { vswitches: { ${[1, 2, 3, 4].map(large)} } }`,
    /reserve together \(360 rules of 300 that are left\); it would fit with 56 % of it/,
  ],
  'not so much on cables': [
    `${red(60, '2G')}`,
    /no place from which the cables have the bandwidth .*; it would fit with 50 % of it/,
  ],
};

for (const [name, [text, why]] of Object.entries(refusals)) {
  t.test(`refused: ${name}`, async (t) => {
    const { unplaced, chosen } = admitted(configOf(line + text));
    t.ok(unplaced.size >= 2, 'a network is placed as a whole, or not at all');
    for (const one of unplaced.values()) t.match(one, why);
    t.strictSame(chosen, []);
  });
}

t.test('what the file or the store has placed beyond what there is, is said', async (t) => {
  const fixed = red(60, '900M').replaceAll('place: auto', 'on: s1').replace('[s3:1, s1:2]', 's3:1');
  const { overbooked } = admitted(configOf(line + fixed));
  t.strictSame(overbooked, [
    { object: 'tenant red', why: 'red/v2 needs 60 rules of s1, where 40 are left' },
  ]);
  const wide = fixed.replace('v2: { dpid: 2, on: s1', 'v2: { dpid: 2, on: s3');
  const more = wide.replace('at: s3:1 }', 'at: s1:2, bandwidth: 200M }');
  t.match(
    admitted(configOf(line + more)).overbooked.map(({ object, why }) => `${object}: ${why}`),
    [
      /^link s1:9 - s2:9: it has 1G, and 1100M are set aside for red\/v1:2 - red\/v2:2, red\/h2$/,
      /^link s2:8 - s3:8: /,
    ],
  );
});

/** With two links for which no cable has room together; what else the second has, and more. */
const twoLinks = (second = '', more = ''): string => `
  red:
    vswitches:
      v1: { dpid: 1, on: s1 }
      v2: { dpid: 2, on: s2 }
    links:
      - { ends: v1:1 - v2:1, bandwidth: 600M }
      - { ends: v1:2 - v2:2, bandwidth: 600M${second} }
${more}`;

t.test('what the file leads by other datapaths is set aside there', async (t) => {
  const both = admitted(configOf(ring + twoLinks(', avoid: [s5]')));
  t.match(both.overbooked, [{ object: 'link s1:1 - s2:2' }]);
  for (const via of ['s2', 's5, s4, s3']) {
    t.strictSame(admitted(configOf(ring + twoLinks(`, via: [${via}]`))).overbooked, [], via);
  }
});

t.test('a virtual link whose cheapest path is full has another, and keeps it', async (t) => {
  const config = configOf(ring + twoLinks());
  const { config: led, overbooked } = admitted(config);
  t.strictSame(overbooked, []);
  const around = ['s1:2 - s5:1', 's4:1 - s5:2', 's3:1 - s4:2', 's2:1 - s3:2'];
  t.equal(led.ledOver.size, 1);
  const [[name, cables] = ['', []]] = led.ledOver;
  t.equal(name, 'red/v1:2 - red/v2:2');
  t.strictSame([...cables].sort(), [...around].sort());
  const snapshot = compile(led, nothingRemembered);
  if ('why' in snapshot) throw new Error(snapshot.why);
  const hops = wiresOf(snapshot).map(({ hops }) => hops?.length);
  t.strictSame(hops, [1, 4, 1, 4], 'frames take that path, in both directions');
  const again = admitBeside(led, config).config;
  t.strictSame(again.ledOver, led.ledOver, 'the same again');
  const more = '      - { ends: v1:3 - v2:3, bandwidth: 600M }';
  const third = admitted(configOf(ring + twoLinks('', more)));
  t.match(third.overbooked, [{ object: 'link s1:1 - s2:2' }]);
  const one = twoLinks().replace('{ ends: v1:1 - v2:1, bandwidth: 600M }', 'v1:1 - v2:1');
  t.equal(admitBeside(led, configOf(ring + one)).config.ledOver.size, 0, 'there is room again');
});

/** A few tenants of one or two vswitches on a ring, each with a host. */
function randomTenants(random: Random, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => {
    const at = `s${1 + random.number(5)}:${10 + i}`;
    const reserve = `reserve: { rules: ${10 + random.number(40)} }`;
    return `
  t${i}:
    vswitches:
      v1: { dpid: 1, place: auto, ${reserve} }
      v2: { dpid: 2, place: auto, ${reserve} }
    hosts: { h1: { port: v1:1, at: '${at}' } }
    links: [{ ends: v1:2 - v2:2, bandwidth: ${1 + random.number(5)}00M }]`;
  });
}

t.test('others come and go: nobody moves, and nothing is overbooked', async (t) => {
  for (let seed = 0; seed < 10; seed++) {
    const random = new Random(seed);
    const tenants = randomTenants(random, 8);
    let settled = nothing;
    let before: Record<string, string> = {};
    for (let round = 0; round < 5; round++) {
      const there = tenants.filter((_, i) => i === 0 || random.number(2) === 0);
      const now = admitted(configOf(ring + there.join('')), settled);
      const places = placesOf(now);
      for (const [name, on] of Object.entries(places)) {
        const was = before[name] ?? '';
        if (was !== '') t.equal(on, was, `seed ${seed}: ${name}`);
      }
      if (now.overbooked.length > 0) t.strictSame(now.overbooked, [], `seed ${seed}`);
      const again = admitted(configOf(ring + there.join('')), settled);
      t.strictSame(placesOf(again), places, 'the same again');
      settled = settledBy(now);
      before = places;
    }
  }
});

t.test('what has limits of bandwidth is placed where there are meters', async (t) => {
  const text = (encodings: string, where: string) => `
datapaths:
  s1: { dpid: 1${encodings} }
  s2: { dpid: 2${encodings} }
  s3: { dpid: 3 }
  s4: { dpid: 4 }
links: [s1:9 - s2:9, s2:8 - s3:8, s3:9 - s4:9]
tenants:
  red:
    vswitches: { v1: { dpid: 1, ${where} } }
    hosts:
      h1: { port: v1:1, at: s3:1 }
      h2: { port: v1:2, at: s1:2 }
      h3: { port: v1:3, at: s1:3 }
    limits: { bandwidth: { v1:1: 10M } }
`;
  const flat = ', encoding: flat';
  const auto = admitted(configOf(text(flat, 'place: auto')));
  t.ok(['s3', 's4'].includes(placesOf(auto)['red/v1'] ?? ''), 'not where most of its hosts are');
  t.equal(placesOf(admitted(configOf(text('', 'place: auto'))))['red/v1'], 's1');
  const two = admitted(configOf(text(flat, 'bodies: 2')));
  t.strictSame(two.config.vswitches[0]?.members?.toSorted(), ['s3', 's4']);
  const three = admitted(configOf(text(flat, 'bodies: 3')));
  t.strictSame([...three.unplaced.keys()], ['red/v1'], 'there are two such places');
  const some = configOf(text(flat, 'place: auto'));
  const datapaths = some.datapaths.map((one) => ({ ...one, encoding: 'flat' as const }));
  const why = admitted({ ...some, datapaths }).unplaced;
  t.match(
    [...why.values()].join(),
    /red\/v1 has limits of bandwidth, and no meters hold them on s1/,
  );
});
