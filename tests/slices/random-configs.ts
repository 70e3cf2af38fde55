/**
 * Random configurations that use every key of the file, for the tests of what compares and prints
 * them. That every key is used is one of these tests (difference.test.ts).
 */
import { type Config, readConfig } from '../../slices/config/config.ts';
import type { Random } from '../openflow/random.ts';

const tls = { key: '/k/key.pem', certificate: '/k/cert.pem', ca: '/k/ca.pem' };

/** A tree as the YAML parser makes it; what may be left out often is. */
export function randomTree(random: Random): object {
  const maybe = (key: string, make: () => unknown): object =>
    random.number(2) === 0 ? { [key]: make() } : {};
  const ports = new Map<string, number>();
  const next = (device: string): string => {
    const port = (ports.get(device) ?? 0) + 1 + random.number(3);
    ports.set(device, port);
    return `${device}:${port}`;
  };
  const datapaths = Array.from({ length: 1 + random.number(5) }, (_, i) => `s${i + 1}`);
  const acks = ['automatic', 'canary', 'barrier', 'settle 7ms', 'settle 60ms', 'proof /run/v.ctl'];
  const ack = () => random.pick(acks);
  const datapath = (i: number): object => ({
    dpid: String(i + 1),
    ...maybe('ack', ack),
    ...maybe('certificate', () => random.pick(['s1.example', 'ab'.repeat(32)])),
    ...maybe('encoding', () => random.pick(['flat', 'pipeline'])),
    ...maybe('capacity', () => ({ ...reserve(random), vswitches: '3' })),
    ovsdb: random.pick(['unix:/run/openvswitch/db.sock', `tcp:192.0.2.${i + 1}:6640`]),
  });
  const pick = () => random.pick(datapaths);
  const all = datapaths.map((name, i) => [name, datapath(i)] as const);
  // Members of big switches are none of the others.
  const apt = all.filter(([, one]) => !('encoding' in one && one.encoding === 'flat'));
  const place = { pick, members: apt.map(([name]) => name) };
  return {
    ...maybe('listen', () => ['pssl:6653', 'ptcp:6633:127.0.0.1', 'ptcp:6634:[::1]']),
    ...maybe('control', () => random.pick(['/run/other.sock', 'beside.sock'])),
    ...maybe('api', () => ({ listen: ['ptcp:8640:127.0.0.1', 'pssl:8643'] })),
    ...maybe('store', () => ({ path: 'other.db', sync: 'background' })),
    tls: { ...tls, ...maybe('peer', () => random.pick(['a b', `sha256:${'cd'.repeat(32)}`])) },
    datapaths: Object.fromEntries(all),
    ...maybe('links', () =>
      random.some(4, () => cable(random, `${next(pick())} - ${next(pick())}`, maybe)),
    ),
    ...maybe('traffic', () => random.pick(['always', 'when-asked'])),
    ...randomRemaps(random, pick(), maybe),
    ...maybe('drivers', () => ({
      ...maybe('exec', () => ['/usr/local/bin/move', '--fast', 'a b']),
      ...maybe('qemu', () => ({
        source: '/q/{host}',
        target: '/q/{to}',
        uri: 'tcp:192.0.2.1:4444',
      })),
      ...maybe('netns', () => 'unix:/run/db.sock'),
      ...maybe('limit', () => random.pick(['5s', '7000s', '600s'])),
    })),
    tenants: Object.fromEntries(
      ['red', 'blue', 'a.b-c_d'].slice(0, 1 + random.number(3)).map((name, i) => {
        return [name, randomTenant(random, i, () => next(pick()), place, maybe)];
      }),
    ),
  };
}

type Maybe = (key: string, make: () => unknown) => object;

function randomRemaps(random: Random, place: string, maybe: Maybe): object {
  return {
    ...maybe('schedules', () => ({ one: randomSchedule(random, place, maybe) })),
    ...maybe('on-idle', () => ({
      exec: ['/usr/local/bin/ports', '--fast'],
      ...maybe('limit', () => '3s'),
      ...maybe('after', () => '1m'),
    })),
    ...maybe('evacuate-on', () => randomSigns(random, place, maybe)),
    ...maybe('optimize', () => ({
      for: random.pick(['load', 'energy']),
      every: '10m',
      ...maybe('gain', () => '20%'),
      ...maybe('at-most', () => '3'),
      ...maybe('quiet', () => '22:00-06:30'),
      ...maybe('exempt', () => ['red']),
      ...maybe('over', () => '1h'),
    })),
  };
}

function randomSchedule(random: Random, place: string, maybe: Maybe): object {
  return {
    move: ['red'],
    every: random.pick(['10m', '90s', '2h']),
    ...maybe('jitter', () => '7s'),
    ...maybe('to', () => [place]),
    ...maybe('choose', () => random.pick(['uniform', 'least-shared'])),
    ...maybe('away-from', () => ['red']),
    ...maybe('not-last', () => '2'),
    ...maybe('quiet', () => '22:00-06:30'),
    ...maybe('at-most', () => '0'),
    ...maybe('pause-above', () => '80%'),
    ...maybe('hosts', () => random.pick(['exec', 'netns'])),
  };
}

function randomSigns(random: Random, place: string, maybe: Maybe): object {
  return {
    ...{ errors: `${1 + random.number(99)}/s`, flaps: '4 in 1m', slow: '500ms' },
    ...maybe('for', () => '7s'),
    ...maybe('within', () => '1m'),
    ...maybe('again', () => '1h'),
    ...maybe('among', () => [place]),
  };
}

function reserve(random: Random): object {
  return { rules: String(random.number(900)), groups: '7', meters: String(random.number(9)) };
}

/** Of tunnels no two are the same. */
function cable(random: Random, ends: string, maybe: Maybe): string | object {
  const more = {
    ...maybe('cost', () => String(1 + random.number(9))),
    ...maybe('mtu', () => String(1_500 + random.number(99))),
    ...maybe('tunnel', () => ({
      type: random.pick(['vxlan', 'geneve', 'gre']),
      between: random.pick(['10.8.0.1 - 10.8.0.2', '2001:db8::1 - 2001:db8::2']),
      key: String(random.number(0xff_ffff)),
    })),
  };
  return link(ends, maybe, more);
}

/** A text, or a map. */
function link(ends: string, maybe: Maybe, more: object = {}): string | object {
  const map = { ...maybe('bandwidth', () => '10G'), ...more };
  return Object.keys(map).length === 0 ? ends : { ends, ...map };
}

interface Places {
  readonly pick: () => string;
  /** What may be a member. */
  readonly members: readonly string[];
}

function randomPlace(random: Random, { pick, members }: Places, maybe: Maybe): object {
  if (members.length < 2 || random.number(3) > 0) {
    return random.pick([
      { on: pick() },
      { place: 'auto' },
      { on: pick(), place: 'auto' },
      { bodies: '2' },
    ]);
  }
  const consistency = maybe('consistency', () => random.pick(['strict', 'eventual']));
  const on = members.slice(random.number(members.length - 1));
  if (on.length < 2 || random.number(4) > 0) return { on, ...consistency };
  return { on, consistency: 'eventual', partial: on.slice(1) };
}

function randomTenant(
  random: Random,
  index: number,
  plug: () => string,
  place: Places,
  maybe: Maybe,
): object {
  const vports = new Map<string, number[]>();
  const names = Array.from({ length: 1 + random.number(3) }, (_, i) => `v${i + 1}`);
  const vport = (name: string): string => {
    const used = vports.get(name) ?? [];
    const port = (used.at(-1) ?? 0) + 1 + random.number(2);
    vports.set(name, [...used, port]);
    return `${name}:${port}`;
  };
  const controllers = () =>
    random
      .some(2, () => random.number(60_000) + 1)
      .map((port) => random.pick([`tcp:192.0.2.1:${port}`, `ssl:[2001:db8::1]:${port}`]));
  const hosts = random.some(4, () => randomHost(random, vport(random.pick(names)), plug, maybe));
  const cables = names.slice(1).map((name, i) => `${vport(names[i] ?? '')} - ${vport(name)}`);
  const links = cables.map((one) => link(one, maybe));
  const identities = (name: string) =>
    ['LOCAL', ...(vports.get(name) ?? [])].map((port, i) => [
      port,
      {
        ...maybe('name', () => `${name}p${i}`),
        ...maybe('mac', () => `02:00:00:0${name.slice(1)}:01:${String(i).padStart(2, '0')}`),
      },
    ]);
  return {
    ...maybe('controllers', controllers),
    ...maybe('openflow', () => [random.pick(['1.0', '1.3'])]),
    ...maybe('buffers', () => String(random.number(300))),
    ...maybe('redial', () => ({ first: random.pick(['100ms', '3s']), max: '60s' })),
    ...maybe('tls', () => ({ ...tls, key: '/k/own.pem' })),
    ...maybe('limits', () => randomLimits(random, maybe, cables)),
    vswitches: Object.fromEntries(
      names.map((name, i) => [
        name,
        {
          dpid: String(i + 1),
          ...randomPlace(random, place, maybe),
          ...maybe('reserve', () => reserve(random)),
          ...maybe('controllers', controllers),
          ...maybe('listen', () => [`ptcp:${7000 + index * 10 + i}`, `punix:/run/${index}${i}`]),
          ...maybe('ports', () => Object.fromEntries(identities(name))),
        },
      ]),
    ),
    ...maybe('hosts', () => Object.fromEntries(hosts.map((one, i) => [`h${i + 1}`, one]))),
    links,
  };
}

function randomHost(random: Random, port: string, plug: () => string, maybe: Maybe): object {
  return {
    port,
    at: random.number(3) === 0 ? [plug(), plug()] : plug(),
    ...maybe('bandwidth', () => random.pick(['1500k', '20M'])),
    ...randomUse(random, maybe),
  };
}

/** Of a host's port: queues, or a share of it. */
function randomUse(random: Random, maybe: Maybe): object {
  if (random.number(3) > 0) {
    return maybe('queues', () => ({ 1: '5', [2 + random.number(9)]: '0' }));
  }
  const vlan = String(1 + random.number(4_094));
  return random.pick([{ vlan }, { vlans: '5' }, { vlans: '9-300' }]);
}

function randomLimits(
  random: Random,
  maybe: (key: string, make: () => unknown) => object,
  links: readonly string[],
): object {
  const metered = links.map((link) => [link.split(' - ')[random.number(2)] ?? '', '3M']);
  return {
    ...(links.length > 0 && maybe('bandwidth', () => Object.fromEntries(metered))),
    ...maybe('rules', () => String(random.number(9))),
    ...maybe('meters', () => '7'),
    ...maybe('packet-ins', () => random.pick(['5/s', '7/s burst 2'])),
    ...maybe('changes', () => '9/s burst 99'),
    ...maybe('outbox', () => '2MB'),
    ...maybe('per-datapath', () => ({ groups: '3' })),
    ...maybe('on', () => ({ s1: { rules: '2' } })),
  };
}

/** The configuration of a tree; undefined where chance has made a file with problems. */
export function readTree(tree: unknown): Config | undefined {
  const read = readConfig(tree, [], '/folder');
  return 'config' in read ? read.config : undefined;
}

export function randomConfig(random: Random): Config {
  for (;;) {
    const config = readTree(randomTree(random));
    if (config !== undefined) return config;
  }
}

/** Where the leaves of a value are, such as `.hosts[].at.port`. */
export function leavesOf(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [path];
  if (Array.isArray(value)) return value.flatMap((item) => leavesOf(item, `${path}[]`));
  if (value instanceof Map) return [...value.values()].flatMap((x) => leavesOf(x, `${path}{}`));
  return Object.entries(value).flatMap(([key, item]) => leavesOf(item, `${path}.${key}`));
}

/** With all leaves at `path` changed: what the file says once may stand in many places. */
export function mutated<T>(value: T, path: string, at = ''): T {
  const next = (item: unknown, step: string): unknown => mutated(item, path, `${at}${step}`);
  if (at === path) return changed(value) as T;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((item) => next(item, '[]')) as T;
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [key, next(item, '{}')])) as T;
  }
  const entries = Object.entries(value).map(([key, item]) => [key, next(item, `.${key}`)]);
  return Object.fromEntries(entries) as T;
}

function changed(leaf: unknown): unknown {
  if (leaf instanceof Uint8Array) return leaf.map((byte) => byte ^ 2);
  if (typeof leaf === 'string') return `${leaf}x`;
  if (typeof leaf === 'number') return leaf + 1;
  if (typeof leaf === 'bigint') return leaf + 1n;
  if (typeof leaf === 'boolean') return !leaf;
  throw new Error(`a leaf of another kind: ${typeof leaf}`);
}
