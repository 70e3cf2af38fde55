/**
 * Ensembles with everything: random networks and applications, hosts that move with them, rules
 * that change, barriers that lie, cables that are cut, switches that are full, processes that are
 * killed; all drawn from a seed. What hosts and the controller of the vswitch between them saw is
 * for the reference model (reference.ts).
 */
import { Random } from '../openflow/random.ts';
import {
  type App,
  type Detection,
  detection,
  firewall,
  learningSwitch,
  running,
  type Sides,
  stamping,
} from './apps.ts';
import { type Progress, STAMP, versions } from './controllers.ts';
import { countersOff, impossibleIn } from './reference.ts';
import { type Options, type Result, run } from './scenario.ts';
import { Trace } from './trace.ts';
import { troublesIn } from './troubles.ts';
import { H1, H2, ways } from './ways.ts';

const sides: Sides = { inside: new Map([[H1, 1]]), outside: new Map([[H2, 2]]) };
const WATCHED_DPID = 3n;
const NONE = 99n;

const apps = {
  stamping: (progress) => stamping(3, STAMP, progress),
  learning: () => learningSwitch(1),
  firewall: () => firewall(sides, 200),
  detection: () => detection(sides),
} satisfies Record<string, (progress: Progress) => App>;

export interface Whole {
  readonly options: Options;
  readonly app: keyof typeof apps;
  readonly lieMs: number;
}

export function wholeOf(seed: number): Whole {
  const random = new Random(seed);
  const lieMs = random.pick([0, 5, 20]);
  const app = random.pick(['stamping', 'stamping', 'learning', 'firewall', 'detection'] as const);
  const options: Options = {
    ...{ seed, lieMs, ensembles: true },
    hostMoves: random.number(2) === 0,
    crash: random.number(4) === 0,
    fills: random.number(3) === 0,
    cuts: random.number(3) === 0 ? 2 : 0,
    moves: 1 + random.number(2),
  };
  return { options, app, lieMs };
}

export interface Seen {
  readonly result: Result;
  readonly troubles: readonly string[];
}

export function playWhole({ options, app, lieMs }: Whole): Seen {
  const trace = new Trace();
  const progress = { sent: 0, acknowledged: 0 };
  const made = apps[app](progress);
  const others = versions(ways, NONE, 1_000);
  const red = running(made, trace, [1, 2], WATCHED_DPID, others);
  const result = run({ ...options, red, trace, progress });
  const { crash = false, cuts = 0 } = options;
  const mayLose = cuts > 0;
  // Which controllers hear what depends on the application: `redSaw` is for others.
  const quiet = { ...result, redSaw: [], sent: 1_000 };
  // A firewall drops what comes before its rule, as a switch does; the model knows what.
  const own = app === 'stamping' ? quiet : { ...quiet, lost: { ...quiet.lost, red: 0 } };
  const blocked = 'blocked' in made ? (made as Detection).blocked.size : 0;
  const troubles = [
    ...troublesIn(own, { isFlat: false, isKilled: crash, mayLose }),
    ...result.half,
    ...result.hosts.troubles,
    ...(blocked > 0 && !crash ? ['an innocent is blocked'] : []),
  ];
  // A process that dies may take back what nobody was promised: the model knows of no such thing.
  if (crash) return { result, troubles };
  const { missed } = result.hosts;
  const watched = result.migrations.filter(({ vswitch }) => vswitch === 'red/v3');
  const circumstances = {
    ...{ lieMs, ports: [1, 2], countersOff: countersOff(watched) },
    mayLose: (id: number) => mayLose || missed.has(id),
  };
  return { result, troubles: [...troubles, ...impossibleIn(trace, circumstances)] };
}
