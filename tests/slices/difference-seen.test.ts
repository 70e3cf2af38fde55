/**
 * What tenants will see of a change, and how a person reads it.
 */
import t from 'tap';
import { differenceOf } from '../../slices/config/difference.ts';
import { seenByTenants } from '../../slices/network/difference-seen.ts';
import { differenceText } from '../../slices/network/difference-text.ts';
import { Random } from '../openflow/random.ts';
import { configOf } from './networks.ts';
import { leavesOf, mutated, randomConfig } from './random-configs.ts';

const before = `
datapaths:
  s1: { dpid: 1 }
  s2: { dpid: 2 }
  s3: { dpid: 3 }
links: [s1:9 - s2:9, s2:8 - s3:8, s1:7 - s3:7]
tenants:
  red:
    controllers: [tcp:192.0.2.1:6653]
    vswitches:
      v1: { dpid: 1, on: s1, listen: [ptcp:7001] }
      v2: { dpid: 2, on: s2 }
    hosts:
      h1: { port: v1:1, at: s1:1 }
      h2: { port: v2:1, at: s3:1, queues: { 1: 5 } }
    links: [v1:2 - v2:2]
  blue:
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:2 } }
`;

/** Each replaces in `before`; and the lines of the difference. */
function textOf(...changes: readonly (readonly [from: string, to: string])[]): readonly string[] {
  const after = changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`no ${from}`);
    return text.replaceAll(from, to);
  }, before);
  const [from, to] = [configOf(before), configOf(after)];
  return differenceText(differenceOf(from, to), seenByTenants(from, to)).split('\n');
}

/** What is seen: the lines below that heading, without the counts. */
function seen(...changes: readonly (readonly [from: string, to: string])[]): readonly string[] {
  const lines = textOf(...changes);
  return lines.slice(lines.indexOf('what tenants will see') + 1, -2).map((one) => one.trim());
}

const nothingBlue = 'nothing: blue';

t.test('nothing differs', async (t) => {
  t.strictSame(textOf(), ['no difference']);
});

t.test('a host is added, another is plugged in elsewhere', async (t) => {
  const change = [
    '      h1: { port: v1:1, at: s1:1 }\n',
    '      h1: { port: v1:1, at: s2:1 }\n      h3: { port: v2:3, at: s2:3 }\n',
  ] as const;
  t.strictSame(textOf(change), [
    'tenant red',
    '  ~ host h1: at: s1:1 -> s2:1',
    '  + host h3: port v2:3, at s2:3',
    '',
    'what tenants will see',
    '  red: v1 port 1: packets are interrupted (it leads to s2:1, not s1:1)',
    '       v2 port 3: port-status ADD (it leads to s2:3)',
    '  nothing: blue',
    '',
    '1 to add, 1 to change, 0 to remove; 1 of 2 tenants sees something',
  ]);
});

t.test('links and names of ports', async (t) => {
  t.strictSame(seen(['links: [v1:2 - v2:2]', 'links: [v1:3 - v2:2]']), [
    'red: v1 port 2: port-status DELETE (it led to v2:2)',
    'v1 port 3: port-status ADD (it leads to v2:2)',
    'v2 port 2: packets are interrupted (it leads to v1:3, not v1:2)',
    nothingBlue,
  ]);
  t.strictSame(seen(['on: s2 }', 'on: s2, ports: { 2: { name: up } } }']), [
    'red: v2 port 2: port-status MODIFY (its name is up, not v2-eth2)',
    nothingBlue,
  ]);
  t.strictSame(seen(['{ 1: 5 }', '{ 2: 5 }']), [
    'red: v2 port 1: queues change (it has no queue 1 any more)',
    'v2 port 1: queues change (it has a queue 2)',
    nothingBlue,
  ]);
});

t.test('a host that is another by name only is seen by nobody', async (t) => {
  const lines = textOf(['h1: { port: v1:1, at: s1:1 }', 'web: { port: v1:1, at: s1:1 }']);
  t.strictSame(lines, [
    'tenant red',
    '  - host h1',
    '  + host web: port v1:1, at s1:1',
    '      it looks like red/h1, but a name is what tells things apart',
    '',
    'what tenants will see',
    '  nothing: red, blue',
    '',
    '1 to add, 0 to change, 1 to remove; 0 of 2 tenants see something',
  ]);
});

t.test('controllers, and what they are told when they connect', async (t) => {
  const one = 'tcp:192.0.2.1:6653';
  t.strictSame(seen([`[${one}]`, '[tcp:192.0.2.2:6653]']), [
    ...['v1', 'v2'].flatMap((name) => [
      `${name === 'v1' ? 'red: ' : ''}${name} ${one}: is disconnected (it is removed)`,
      `${name} tcp:192.0.2.2:6653: is dialled (it is added)`,
    ]),
    nothingBlue,
  ]);
  t.strictSame(seen(['v2: { dpid: 2, on', 'v2: { dpid: 7, on']), [
    `red: v2 ${one}: is disconnected (its dpid is another)`,
    `v2 ${one}: is dialled (its dpid is another)`,
    'v2: packets are interrupted (its dpid is another: it is a new switch)',
    nothingBlue,
  ]);
  t.strictSame(seen([', listen: [ptcp:7001]', '']), [
    'red: v1 whoever came to ptcp:7001: is disconnected (it is removed)',
    nothingBlue,
  ]);
});

t.test('a tenant goes, another comes', async (t) => {
  t.strictSame(textOf(['  blue:', '  green:']), [
    'tenant blue',
    '  - tenant',
    '  - vswitch v1',
    '  - host h1',
    'tenant green',
    '  + tenant: openflow [1.0, 1.3], buffers 0, redial { first: 250ms, max: 2s }',
    '      it looks like blue, but a name is what tells things apart',
    '  + vswitch v1: dpid 0000000000000001, on s1',
    '  + host h1: port v1:1, at s1:2',
    '      it looks like blue/h1, but a name is what tells things apart',
    '',
    'what tenants will see',
    '  blue: v1: packets are interrupted (it is removed)',
    '  nothing: red, green',
    '',
    '3 to add, 0 to change, 3 to remove; 1 of 3 tenants sees something',
  ]);
});

t.test('cables: another way, and none', async (t) => {
  t.strictSame(seen(['s1:9 - s2:9, ', '']), [
    'red: v1 port 2: packets go another way, and none is lost (it goes s1 - s3 - s2, not s1 - s2)',
    'v2 port 2: packets go another way, and none is lost (it goes s2 - s3 - s1, not s2 - s1)',
    nothingBlue,
  ]);
  t.strictSame(seen(['s2:8 - s3:8, s1:7 - s3:7', '']), [
    'red: v2 port 1: port-status MODIFY (it is down: no cables lead there)',
    nothingBlue,
  ]);
});

t.test('datapaths: another dpid, and one on which a vswitch lives leaves', async (t) => {
  t.strictSame(seen(['s2: { dpid: 2 }', 's2: { dpid: 4 }']), [
    'red: v2: packets are interrupted (s2 is the datapath of another dpid)',
    nothingBlue,
  ]);
  const gone: (readonly [string, string])[] = [
    ['  s2: { dpid: 2 }\n', ''],
    ['s1:9 - s2:9, s2:8 - s3:8, ', ''],
    ['on: s2', 'on: s3'],
  ];
  t.strictSame(
    seen(...gone)[0],
    ['red: v1 port 2: packets go another way, and none is lost (it goes s1 - s3, not s1 - s2)'][0],
  );
  t.ok(
    seen(...gone).includes(
      'v2: packets are interrupted (s2 is removed; it lives on s3, with all its rules)',
    ),
  );
});

t.test('a share of a port, limits, costs, and another way that the file wishes', async (t) => {
  t.strictSame(seen(['{ port: v1:1, at: s1:1 }', '{ port: v1:1, at: s1:1, vlan: 5 }']), [
    'red: v1 port 1: packets are interrupted (it leads to s1:1 VLAN 5, not s1:1)',
    nothingBlue,
  ]);
  t.strictSame(seen(['  red:\n', '  red:\n    limits: { rules: 5, groups: 2 }\n']), [
    'red: limits change (rules, groups)',
    nothingBlue,
  ]);
  const other = 'packets go another way, and none is lost (it goes s1 - s3 - s2, not s1 - s2)';
  t.match(seen(['s1:9 - s2:9, ', '{ ends: s1:9 - s2:9, cost: 9 }, '])[0], other);
  t.match(seen(['[v1:2 - v2:2]', '[{ ends: v1:2 - v2:2, via: [s3] }]'])[0], other);
});

/** What nobody sees: names, reservations, and what counts when something begins. */
const unseen: readonly RegExp[] = [
  /^\.(listen|control|store|failover|zones|migrationsKept|measuring|schedules)/,
  /^\.(onIdle|evacuateOn|optimize|importance)/,
  /^\.(linkBandwidths|vlinkBandwidths)/,
  /^\.datapaths\[\]\.(ack|certificate|capacity)/,
  /^\.vswitches\[\]\.(on|place|reserve|redial|consistency|members|tenant)/,
  /^\.hosts\[\]\.(name|offers|bandwidth)/,
  /tls\.|\.type$/,
];

t.test('every other field that changes is seen by somebody', async (t) => {
  const paths = new Map<string, boolean>();
  for (let seed = 0; seed < 60; seed++) {
    const config = randomConfig(new Random(seed));
    for (const path of new Set(leavesOf(config))) {
      if (unseen.some((one) => one.test(path)) || paths.get(path) === true) continue;
      const sights = [...seenByTenants(config, mutated(config, path)).values()].flat();
      paths.set(path, sights.length > 0);
    }
  }
  t.ok(paths.size > 15, `${paths.size} fields`);
  t.strictSame(
    [...paths].filter(([, isSeen]) => !isSeen).map(([path]) => path),
    [],
  );
});

t.test('a vswitch stays where it is', async (t) => {
  t.strictSame(textOf(['v2: { dpid: 2, on: s2', 'v2: { dpid: 2, on: s3']), [
    'tenant red',
    '  ~ vswitch v2: on: s2 -> s3',
    '      it stays on s2 as long as that is there; "limevisor migrate red/v2 --to s3" moves it',
    '',
    'what tenants will see',
    '  nothing: red, blue',
    '',
    '0 to add, 1 to change, 0 to remove; 0 of 2 tenants see something',
  ]);
});
