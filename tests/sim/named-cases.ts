/**
 * The ten named ways in which naive cloning goes wrong (N1 to N10): for each what happens, the one
 * part of a cloned switch that is done without a thought, and what the reference model has to say
 * of it then. Everything else is done as it should be, so that nothing else can be what is found.
 */

import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand, flowFlag } from '../../openflow/values/constants.ts';
import {
  type App,
  type Detection,
  detection,
  firewall,
  learningSwitch,
  type Sides,
  stamping,
} from './apps.ts';
import { twoPhases, type Ways } from './cloned.ts';
import { output, rule, STAMP } from './controllers.ts';
import { countersOff } from './reference.ts';
import { impossibleIn } from './reference-restart.ts';
import { type Carrier, play, READY_MS, type Scene } from './scene.ts';

/** One part, and how it is not done. */
type Fault = {
  readonly [P in keyof Ways]: readonly [part: P, way: Exclude<Ways[P], (typeof twoPhases)[P]>];
}[keyof Ways];

export interface NamedCase {
  readonly name: string;
  readonly naive: Fault;
  /** Made for each run. */
  readonly app: () => App;
  readonly script: (scene: Scene) => void;
  readonly leftMs?: number;
  /** For how long packets may meet old rules after a switch's barrier; LIE_MS if not said. */
  readonly lieMs?: number;
  /** Switches, where it can't be more. */
  readonly countMax?: number;
  /** What is found, then. */
  readonly finds: RegExp;
  /** Of each run, what is wrong besides. */
  readonly more?: (app: App) => readonly string[];
}

const END_MS = 5_000;
const HALF_MS = 3_000;
const IN_USE_MS = READY_MS + 100;

/** Host 1 is inside, all others are outside. */
const sides: Sides = {
  inside: new Map([[1, 1]]),
  outside: new Map([
    [2, 2],
    [3, 3],
    [4, 4],
  ]),
};

/** Host 1 asks each of the others, which answer: one after the other as many times as said. */
const asking = (everyMs: number, answers: number) => (scene: Scene) => {
  let next = 0;
  scene.every(everyMs, END_MS, () => {
    next += 1;
    scene.send(1, 2 + (next % (scene.ports.length - 1)), answers);
  });
};

/**
 * Drops and allows in turns, some times one behind the other; what is allowed has a version. There
 * are no barriers: the order of the changes is all that is promised.
 */
function toggling(): App {
  let version = 0;
  const next = (own: Parameters<App['begins']>[0]): void => {
    for (let i = 0; i < 4; i += 1) {
      version += 1;
      const stamp = { type: 'setField', oxm: oxm('eth_src', BigInt(STAMP + version)) } as const;
      const all = version % 2 === 1 ? [] : [stamp, output(0xffff_fffb)];
      own.change(rule([], all, { priority: 10, cookie: own.cookie() }));
    }
    own.world.after(100, () => next(own));
  };
  return { begins: next };
}

/** A rule that is counted, asked for all the time, and deleted when everybody is quiet. */
function counting(): App {
  return {
    begins: (own) => {
      const cookie = own.cookie();
      const flags = flowFlag.sendFlowRem;
      const made = { ...rule([], [output(0xffff_fffb)], { priority: 10, cookie }), flags };
      own.change(made);
      const ask = (): void => {
        if (own.world.now > END_MS) return;
        own.askCounters();
        own.world.after(25, ask);
      };
      own.world.after(READY_MS - 500, ask);
      own.world.after(END_MS + 200 - own.world.now, () => {
        own.change({ ...made, command: flowCommand.deleteStrict });
      });
    },
  };
}

/** A rule that lasts for a second unused, below it nothing; it is in use when it comes. */
function idling(): App {
  return {
    begins: (own) => {
      const cookie = own.cookie();
      const made = rule(matchOf(oxm('eth_type', 0x88b6)), [output(0xffff_fffb)], { cookie });
      own.world.after(IN_USE_MS - own.world.now, () => {
        own.change({ ...made, idleTimeoutSec: 1, flags: flowFlag.sendFlowRem });
        own.barrier();
      });
    },
  };
}

const blockedOf = (app: App): readonly string[] =>
  [...(app as Detection).blocked].map((host) => `host ${host} is blocked, and did nothing`);

export const namedCases: readonly NamedCase[] = [
  {
    name: 'N1: an answer meets an older rule than its question',
    naive: ['changes', 'at once'],
    app: () => stamping(4, STAMP),
    script: asking(3, 3),
    finds: /took effect after .* and before|by rules that were not there/,
  },
  {
    name: 'N2: an answer that was let in comes to a switch that does not know it yet',
    naive: ['changes', 'at once'],
    app: () => firewall(sides, 90),
    script: asking(110, 1),
    lieMs: 0,
    finds: /took effect after|by rules that were not there/,
  },
  {
    name: 'N3: who answers is blocked for good',
    naive: ['upAndOn', 'each'],
    app: () => detection(sides),
    script: asking(40, 1),
    finds: /is blocked, and did nothing/,
    more: blockedOf,
  },
  {
    name: 'N4: the controller hears of an effect before its cause',
    naive: ['upAndOn', 'each'],
    app: () => detection(sides, false),
    script: asking(5, 3),
    finds: /went up after \d+, its effect/,
  },
  {
    name: 'N5: a rule that is in use at one switch goes at another',
    naive: ['idle', 'each'],
    app: idling,
    script: (scene) => {
      scene.every(20, END_MS, () => scene.send(1, 2));
      // The rule is in use all the time, at one switch; the other has not seen that.
      scene.world.after(HALF_MS - scene.world.now, () => {
        scene.every(20, END_MS, () => scene.send(2, 1));
      });
    },
    finds: /took effect after .* and before|by rules that were not there/,
  },
  {
    name: 'N6: a rule’s end is told by each switch, with its own counters',
    naive: ['removals', 'each'],
    app: counting,
    script: asking(5, 1),
    finds: /went twice|to \d+ met it/,
  },
  {
    name: 'N7: a barrier is answered when one switch has done what was before it',
    naive: ['barriers', 'first'],
    // From one answer to the next change there is time for packets that another switch still drops.
    app: () => stamping(120, STAMP),
    script: (scene) => scene.every(2, END_MS, () => scene.send(1 + (scene.frames % 2), 3)),
    lieMs: 0,
    finds: /by rules that a barrier had ended|a barrier had promised it/,
  },
  {
    name: 'N8: two changes come to one switch in another order',
    naive: ['order', 'any'],
    app: toggling,
    script: asking(12, 1),
    finds: /took effect after .* and before|by rules that were not there/,
  },
  {
    name: 'N9: what a switch has counted goes with it',
    naive: ['counters', 'present'],
    app: counting,
    script: (scene) => {
      scene.every(5, HALF_MS - 200, () => scene.send(1, 2));
      scene.every(15, END_MS, () => scene.send(2, 1));
    },
    leftMs: HALF_MS,
    finds: /at .* rule 1 had \d+, \d+ before/,
  },
  {
    name: 'N10: what comes from another switch is processed again',
    naive: ['arriving', 'processed'],
    app: () => learningSwitch(),
    script: asking(40, 1),
    // With a third one what is flooded goes round for ever.
    countMax: 2,
    finds: /entered by|went up twice/,
  },
];

const LIE_MS = 5;

/** What no single switch could have shown, in one run. */
export function wrongIn(
  { app: make, script, leftMs, more, lieMs = LIE_MS, countMax = 4 }: NamedCase,
  carrier: Carrier,
  seed: number,
  count: number,
): readonly string[] {
  const app = make();
  const left = leftMs === undefined ? {} : { leftMs };
  const most = Math.min(count, countMax);
  const scene = play({ seed, carrier, app, count: most, script, lieMs, ...left });
  const { trace, wiring, migrations } = scene;
  const isTwoPhases = typeof carrier === 'object' && carrier.changes === 'two phases';
  const circumstances = {
    wiring,
    lieMs,
    countersOff: countersOff(migrations),
    dropsWhileChanging: isTwoPhases,
    ...(carrier === 'dropping' && { mayLose: () => true }),
  };
  return [...impossibleIn(trace, circumstances), ...(more?.(app) ?? [])];
}

export function naiveOf({ naive: [part, way] }: NamedCase): Ways {
  return { ...twoPhases, [part]: way };
}
