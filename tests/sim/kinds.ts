/**
 * Every kind of simulation, by name: what a seed of it draws, plays, and finds. `make sim KIND=`
 * plays many seeds of one kind, of several, or of all in turn (run.ts); the tests of each kind have
 * a few.
 */
import { isOver, strategies } from '../../translation/migration/migration.ts';
import { Random } from '../openflow/random.ts';
import { appliesOf, troublesOfApplies } from './applies-runs.ts';
import { apart, MOVES, runCached } from './cached.ts';
import { together, togetherOf } from './concurrent-migrations.ts';
import { membersOf, troublesOfMembers } from './members-runs.ts';
import { namedCases, wrongIn } from './named-cases.ts';
import { allShapes, observe } from './order.ts';
import { partialOf, troublesOfPartial } from './partial-runs.ts';
import { runRefusals } from './refusals.ts';
import { type Options, type Result, run } from './scenario.ts';
import { cablesOf, troublesOfCables } from './slow-cables.ts';
import { drawn, runDrawn, troublesOf } from './swarm.ts';
import { troublesIn } from './troubles.ts';
import { troublesOfTunnels, tunnelsOf } from './tunnels-runs.ts';
import { playWhole, wholeOf } from './whole.ts';

/** What one seed came to. */
export interface Played {
  /** What was drawn from the seed. */
  readonly what: unknown;
  readonly troubles: readonly string[];
}

export type Kind = (seed: number) => Played;

const olds = ['none', 'none', 'some', 'all'] as const;

/** One vswitch after the other, by every strategy and guard; datapaths of all versions. */
function moves(seed: number): Played {
  const random = new Random(seed);
  const options: Options = {
    ...{ seed, old: random.pick(olds), crash: random.number(3) === 0 },
    ...(random.number(3) === 0 && { guard: 'drop' }),
    ...(random.number(4) === 0 && { strategy: random.pick(strategies) }),
    moves: 1 + random.number(3),
  };
  return { what: options, troubles: troublesOfMoves(options, run(options)) };
}

function ensembles(seed: number): Played {
  const random = new Random(seed);
  const options: Options = {
    ...{ seed, ensembles: true, old: random.pick(olds), crash: random.number(3) === 0 },
    ...(random.number(3) === 0 && { guard: 'drop' }),
    strategy: random.pick(['lime', 'freeze', 'auto']),
    fills: random.number(4) === 0,
    hostMoves: random.number(3) === 0,
  };
  const result = run(options);
  return { what: options, troubles: [...troublesOfMoves(options, result), ...result.half] };
}

function hosts(seed: number): Played {
  const random = new Random(seed);
  const options: Options = {
    ...{ seed, hostMoves: true, old: random.pick(olds), crash: random.number(2) === 0 },
    ensembles: random.number(3) === 0,
  };
  return { what: options, troubles: troublesOfMoves(options, run(options)) };
}

/** As cuts.test.ts: frames on a cable that is cut are lost. */
function cuts(seed: number): Played {
  const random = new Random(seed);
  const options: Options = {
    ...{ seed, old: random.pick(olds), crash: random.number(4) === 0, cuts: 3 },
    ...{ backups: random.number(3), hangsUp: random.number(3) === 0 },
  };
  return { what: options, troubles: troublesOfMoves(options, run(options)) };
}

/** As big-switch.test.ts. */
function big(seed: number): Played {
  const random = new Random(seed);
  const datapathCount = 3 + random.number(3);
  const each = <T>(draw: () => T): readonly T[] => Array.from({ length: datapathCount }, draw);
  const consistency = random.pick(['strict', 'eventual'] as const);
  const lieMs = each(() => random.pick([0, 5, 60]));
  const rest = { datapathCount, extraCount: random.number(4), middleCount: 1, lieMs };
  const isUpset = random.number(2) === 0;
  const options: Options = {
    ...{ seed, moves: 1, old: random.pick(olds) },
    shape: { ...rest, isFlat: [], big: consistency },
    ...(isUpset && { hangsUp: true, cuts: 3, crash: random.number(2) === 0, moves: 2 }),
  };
  const { findings, lost } = run(options);
  const isOne = consistency === 'strict' && options.old === 'none' && !isUpset;
  const lostSome = `lost ${lost.red} of red, ${lost.blue} of blue`;
  const troubles = [
    ...findings.foreign.map((one) => `isolation: ${one}`),
    ...findings.doubled.map((one) => `twice: ${one}`),
    ...(isOne ? findings.broken.map((one) => `transparency: ${one}`) : []),
    ...(isUpset || lost.red + lost.blue === 0 ? [] : [lostSome]),
  ];
  return { what: options, troubles };
}

/** As members.test.ts. */
function members(seed: number): Played {
  const what = membersOf(seed);
  return { what, troubles: troublesOfMembers(what, run(what)) };
}

/** As partial.test.ts. */
function partial(seed: number): Played {
  const what = partialOf(seed);
  return { what, troubles: troublesOfPartial(what, run(what)) };
}

/** As tunnels.test.ts. */
function tunnels(seed: number): Played {
  const what = tunnelsOf(seed);
  return { what, troubles: troublesOfTunnels(what, run(what)) };
}

/** As slow-cables.test.ts. */
function cables(seed: number): Played {
  const what = cablesOf(seed);
  return { what, troubles: troublesOfCables(seed, what) };
}

function swarm(seed: number): Played {
  const one = drawn(seed);
  return { what: one, troubles: troublesOf(one, runDrawn(one)) };
}

function atOnce(seed: number): Played {
  const what = togetherOf(seed);
  return { what, troubles: together(what).troubles };
}

function whole(seed: number): Played {
  const what = wholeOf(seed);
  return { what, troubles: playWhole(what).troubles };
}

function applies(seed: number): Played {
  const what = appliesOf(seed);
  return { what, troubles: troublesOfApplies(what, run(what)) };
}

function refusals(seed: number): Played {
  const random = new Random(seed);
  const what = {
    seed,
    kind: random.pick(['random', 'full', 'deletes', 'lies'] as const),
    old: random.pick(['none', 'some', 'all'] as const),
    disk: random.pick(['sound', 'full', 'fails'] as const),
    kills: random.number(2) === 0,
    ensembles: random.number(3) === 0,
    cables: random.pick(['silent', 'whole'] as const),
  };
  return { what, troubles: runRefusals(what).troubles };
}

/** N1 to N10 in the product, on two to four switches. */
function named(seed: number): Played {
  const random = new Random(seed);
  const one = random.pick(namedCases);
  const carrier = random.pick(['migrating', 'migrating', 'dropping', 'big'] as const);
  const count = 2 + random.number(3);
  const what = { name: one.name, carrier, count };
  return { what, troubles: wrongIn(one, carrier, seed, count) };
}

/** Switches that cache flows, and forget some (cached.test.ts). */
function cached(seed: number): Played {
  const kind =
    seed % 2 === 0
      ? { cache: { hasBug: true, seesMoves: true } }
      : { cache: { hasBug: false, seesMoves: false }, software: '3.1.3' };
  const isApart = seed % 4 > 1;
  const ran = runCached(seed, kind, ...(isApart ? [apart] : []));
  const { migrations, lost, doubled, hops } = ran;
  // Where a host is at a body, or its rules change meanwhile, counters are as a bound says.
  const miscounted = isApart ? ran.miscounted.filter((more) => more !== 0) : [];
  const isWhole = migrations.length === MOVES && lost === 0 && doubled === 0 && hops < 10;
  const isFine = isWhole && miscounted.length === 0;
  const found =
    `${migrations.length} over, ${lost} lost, ${doubled} doubled, ${hops} hops, ` +
    `counters wrong by ${miscounted.join(', ')}`;
  return { what: kind, troubles: isFine ? [] : [found] };
}

/** What a controller sees in which order (order.test.ts). */
function order(seed: number): Played {
  const random = new Random(seed);
  const shape = random.pick(allShapes);
  const crash = random.number(3) === 0;
  const { result, wrong } = observe(shape, { seed, crash });
  // While nobody listens packet-ins are lost: some have no cause then, and some packets no words.
  const isFine = (one: string): boolean =>
    crash && (one.includes('without') || one.includes('not up'));
  const troubles = [
    ...wrong.filter((one) => !isFine(one)),
    ...result.findings.doubled.map((one) => `twice: ${one}`),
    ...(result.lost.red > 0 && !crash ? [`red lost ${result.lost.red} frames`] : []),
    ...unended(result),
  ];
  return { what: { shape, crash }, troubles };
}

export const kinds = {
  moves,
  ensembles,
  hosts,
  cuts,
  big,
  members,
  partial,
  tunnels,
  swarm,
  together: atOnce,
  whole,
  applies,
  refusals,
  named,
  cached,
  order,
  cables,
} satisfies Readonly<Record<string, Kind>>;

export type KindName = keyof typeof kinds;

/** What is wrong where vswitches and hosts move in a random network. */
function troublesOfMoves(options: Options, result: Result): readonly string[] {
  const { old = 'none', crash = false, guard, strategy = 'lime', cuts: cut = 0 } = options;
  const mayLose = guard === 'drop' || strategy !== 'lime' || cut > 0 || options.hangsUp === true;
  return [
    ...troublesIn(result, { isFlat: old !== 'none', isKilled: crash, mayLose }),
    ...unended(result),
    ...(options.hostMoves ? result.hosts.troubles : []),
  ];
}

function unended({ migrations }: Result): readonly string[] {
  return migrations
    .filter((one) => !isOver(one))
    .map(({ id, vswitch, state }) => `migration ${id} of ${vswitch} is in ${state.type} for ever`);
}
