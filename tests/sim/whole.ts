/**
 * Ensembles with everything: random networks and applications, hosts that move with them, rules
 * that change, guards of both kinds, datapaths of one table, barriers that lie, cables that are
 * cut, switches that are full, processes that are killed; and big switches on two to four
 * datapaths, whose members move. All is drawn from a seed. What a tenant's hosts and its controller
 * saw of its three vswitches is for the reference model (reference.ts).
 */
import { isMemberOver } from '../../translation/migration/member-states.ts';
import { isOver, type Migration } from '../../translation/migration/migration.ts';
import { Random } from '../openflow/random.ts';
import {
  type App,
  type AppPlace,
  balancer,
  type Detection,
  detection,
  firewall,
  forwarding,
  learningSwitch,
  running,
  type Sides,
  stamping,
} from './apps.ts';
import { type Progress, STAMP } from './controllers.ts';
import { countersOff, ON_THE_WAY_MS } from './reference.ts';
import { impossibleIn } from './reference-restart.ts';
import { Wiring } from './reference-wiring.ts';
import { type Options, type Result, run } from './scenario.ts';
import { Trace } from './trace.ts';
import { troublesIn } from './troubles.ts';
import { H1, H2, H3 } from './ways.ts';
import { FIRST_WALL_MS } from './world.ts';

/** Whom clients of a load balancer ask. */
const SERVICE = 0x020000000009;
const BALANCED_MS = 20;
const ASK_MS = 6;

/** h1 at v1, h2 at v2, h3 at v3, which is between those two. */
const ways = {
  v1: new Map([H1, H2, H3, SERVICE].map((one) => [one, one === H1 ? 1 : 2])),
  v2: new Map([H1, H2, H3].map((one) => [one, one === H2 ? 1 : 2])),
  v3: new Map([H1, H2, H3].map((one, i) => [one, i + 1])),
} as const;
type Name = keyof typeof ways;
const names = Object.keys(ways) as readonly Name[];
const ports = new Map([
  ['v1', [1, 2]],
  ['v2', [1, 2]],
  ['v3', [1, 2, 3]],
]);
const at = (vswitch: Name, port: number) => ({ vswitch, port });
const wiring = new Wiring(ports, [
  [at('v1', 2), at('v3', 1)],
  [at('v3', 2), at('v2', 2)],
]);

/** Whom h1 asks is outside. */
function sidesOf(name: Name): Sides {
  const known = [...ways[name]].filter(([address]) => address !== SERVICE);
  const [inside, outside] = [true, false].map((isInside) => {
    return new Map(known.filter(([address]) => (address === H1) === isInside));
  });
  return { inside: inside ?? new Map(), outside: outside ?? new Map() };
}

const apps = {
  forwarding: (name) => forwarding(ways[name]),
  stamping: (_, { progress }) => stamping(3, STAMP, progress),
  // While nobody listens, nobody hears of a rule's end.
  learning: (_, { crash }) => learningSwitch(crash ? 0 : 1),
  firewall: (name) => firewall(sidesOf(name), 200),
  detection: (name) => detection(sidesOf(name)),
  balancer: (name) => balancer(sidesOf(name), SERVICE, BALANCED_MS),
} satisfies Record<string, (name: Name, made: Made) => App>;

interface Made {
  readonly progress: Progress;
  readonly crash: boolean;
}

export interface Whole {
  readonly options: Options;
  /** What runs at each vswitch of the tenant. */
  readonly apps: Readonly<Record<Name, keyof typeof apps>>;
  readonly lieMs: number;
}

/** One that changes addresses, and others that do not mind; or any of the others. */
function appsOf(random: Random): Whole['apps'] {
  const kind = random.number(7);
  const all = { v1: 'forwarding', v2: 'forwarding', v3: 'forwarding' } as const;
  if (kind < 3) return { ...all, [random.pick(names)]: 'stamping' };
  const any = () => random.pick(['forwarding', 'learning', 'firewall', 'detection'] as const);
  const others = { v1: any(), v2: any(), v3: any() };
  return kind === 3 ? { ...others, v1: 'balancer' } : others;
}

/** Vswitches that migrate, and hosts with them; or big switches with members that move. */
export function wholeOf(seed: number): Whole {
  const random = new Random(seed);
  const lieMs = random.pick([0, 5, 20]);
  const isBig = random.number(5) === 0;
  const isFlat = random.number(4) === 0;
  const datapathCount = isBig ? 4 + random.number(2) : 3 + random.number(4);
  const each = <T>(draw: () => T): readonly T[] => Array.from({ length: datapathCount }, draw);
  const shape = {
    ...{ datapathCount, middleCount: 1, hasThird: true, lieMs: each(() => lieMs) },
    extraCount: random.number(3),
    isFlat: each(() => isFlat && random.number(2) === 0),
    ...(isBig && { big: 'strict' as const, memberCount: 2 + random.number(3) }),
  };
  const what = {
    ...{ seed, shape, lieMs, moves: 1 + random.number(2) },
    fills: random.number(3) === 0,
    ...(isFlat && { old: random.pick(['none', 'some', 'all'] as const) }),
  };
  const [hostMoves, crash, drops] = [2, 4, 4].map((one) => random.number(one) === 0);
  const cuts = random.number(3) === 0 ? 2 : 0;
  const moving = {
    ...{ ensembles: true, cuts, ...(hostMoves && { hostMoves }), ...(crash && { crash }) },
    ...(drops && { guard: 'drop' as const }),
  };
  const options: Options = { ...what, ...(isBig ? { memberMoves: true } : moving) };
  return { options, apps: appsOf(random), lieMs };
}

export interface Seen {
  readonly result: Result;
  readonly troubles: readonly string[];
}

export function playWhole({ options, apps: chosen, lieMs }: Whole): Seen {
  const trace = new Trace();
  const { crash = false, cuts = 0, guard, old = 'none', shape } = options;
  const isFlat = old !== 'none' || shape?.isFlat.includes(true) === true;
  const made: Made = { progress: { sent: 0, acknowledged: 0 }, crash };
  const places = names.map((vswitch): AppPlace => {
    const app = apps[chosen[vswitch]](vswitch, made);
    return { app, vswitch, ports: ports.get(vswitch) ?? [] };
  });
  const red = running(new Map(places.map((one, i) => [BigInt(i + 1), one])), trace);
  // What is not for h2 does not pass v2, and has no version then.
  const others = chosen.v2 === 'stamping' ? [H2] : [H2, H3];
  const asks = chosen.v1 === 'balancer' ? [SERVICE] : others;
  const own = { red, trace, asks, askMs: ASK_MS, progress: made.progress };
  const result = run({ ...options, ...own });
  const mayLose = cuts > 0 || guard === 'drop';
  // Which controllers hear what depends on the application: `redSaw` is for others.
  const quiet = { ...result, redSaw: [], sent: 1_000 };
  // A firewall drops what comes before its rule, as a switch does; the model knows what.
  const isStamping = Object.values(chosen).includes('stamping');
  const found = isStamping ? quiet : { ...quiet, lost: { ...quiet.lost, red: 0 } };
  const blocked = places.flatMap(({ app }) => [...((app as Detection).blocked ?? [])]);
  const watched = result.migrations.filter(({ vswitch }) => vswitch.startsWith('red/'));
  const { missed } = result.hosts;
  const mayBe = (id: number, atMs: number): boolean =>
    cuts > 0 || missed.has(id) || (guard === 'drop' && watched.some((one) => isDuring(one, atMs)));
  const circumstances = {
    ...{ lieMs, wiring, countersOff: countersOff(watched), areRulesSeveral: isFlat },
    mayLose: (id: number, sent: { readonly atMs: number }) => mayBe(id, sent.atMs),
  };
  const troubles = [
    ...troublesIn(found, { isFlat, isKilled: crash, mayLose }),
    ...result.half,
    ...result.hosts.troubles,
    ...unended(result),
    ...(blocked.length > 0 && !crash ? ['an innocent is blocked'] : []),
    ...impossibleIn(trace, circumstances),
  ];
  return { result, troubles };
}

/** A packet may have met the guards of a migration. */
function isDuring(one: Migration, atMs: number): boolean {
  const wallMs = FIRST_WALL_MS + atMs;
  const endMs = isOver(one) ? one.stateSinceMs : Infinity;
  return wallMs > one.startedMs - ON_THE_WAY_MS && wallMs < endMs;
}

function unended({ members }: Result): readonly string[] {
  return members
    .filter((one) => !isMemberOver(one))
    .map(({ id, state }) => `the move ${id} of a member is in "${state.type}" for ever`);
}
