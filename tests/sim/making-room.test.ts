/**
 * Two vswitches change places whose datapaths have room for one of them each: both are frozen, give
 * their old copies up, and are filled. Taken back at any moment, and with Limevisor killed at any
 * moment, each is whole on one side, and every switch holds what it should; no switch ever refuses
 * anything for lack of room.
 */
import t from 'tap';
import { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { ensembleCircumstancesOf, knownTargets } from '../../hypervisor/operator/control-drain.ts';
import type { Log } from '../../hypervisor/world/log.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { version } from '../../openflow/values/constants.ts';
import { readConfig } from '../../slices/config/config.ts';
import { atOnce } from '../../slices/steps.ts';
import { isEnded } from '../../translation/migration/ensemble.ts';
import { planEnsemble } from '../../translation/migration/ensemble-plan.ts';
import { movesOf } from '../../translation/migration/wanted-moves.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { failing } from '../support/faults.ts';
import { deviations } from '../support/intent.ts';
import { whatIsHalf } from './ensembles.ts';
import { MoodySwitch } from './moody-switch.ts';
import { DEAD_MS, Machine } from './mortal.ts';
import { holdingOf } from './refusals-oracle.ts';
import { SimWorld } from './world.ts';

const RULES = 120;
/** Where there is one table a rule stands once for each way in, of which two bodies have two. */
const entries = (of10: boolean): number => RULES * (of10 ? 2 : 1);
/** For wiring, beside one of the two. */
const WIRING = 100;
const MOMENT_MS = 50;

const tree = (rules: number) => ({
  datapaths: Object.fromEntries(
    ['s1', 's2'].map((name, i) => {
      const capacity = { rules: String(rules) };
      return [name, { dpid: String(i + 1), ack: 'settle 5ms', capacity }];
    }),
  ),
  links: ['s1:3 - s2:3'],
  tenants: Object.fromEntries(
    ['red', 'blue'].map((name, i) => [
      name,
      {
        vswitches: { v: { dpid: '1', on: `s${i + 1}` } },
        hosts: { h: { port: 'v:1', at: `s${i + 1}:11` } },
      },
    ]),
  ),
});

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined } as Log;

class Exchange {
  readonly world: SimWorld;
  readonly machine: Machine;
  readonly switches: readonly MoodySwitch[];

  constructor(seed: number, of10 = false) {
    this.world = new SimWorld(seed);
    const read = readConfig(tree(entries(of10) + 20), []);
    if ('problems' in read) throw new Error(JSON.stringify(read.problems));
    const { config } = read;
    this.machine = new Machine(this.world, (birth) => {
      const hypervisor = new Hypervisor({ ...birth, config, log: silent, onFault: failing });
      hypervisor.start();
      return hypervisor;
    });
    this.machine.start();
    const speaks = of10 ? version.of10 : version.of13;
    this.switches = [1n, 2n].map((dpid) => new MoodySwitch(this.world, dpid, speaks, [3, 11]));
    this.world.runUntil(1_000);
    for (const { changes } of this.hypervisor.runtimes()) {
      for (let i = 0; i < RULES; i++) {
        const match = matchOf(oxm('eth_dst', i + 1));
        const mod = flowMod({ match, priority: i + 1, instructions: outputs(1) });
        changes.flowMod(mod, { refuse: (why) => t.fail(JSON.stringify(why)) }, () => undefined);
      }
    }
    this.world.runUntil(2_000);
    for (const { tables } of this.switches) tables.room.flows = entries(of10) + WIRING;
  }

  get hypervisor(): Hypervisor {
    return this.machine.hypervisor;
  }

  plan(strategy: 'lime' | 'freeze' | 'auto') {
    const snapshot = this.hypervisor.snapshot();
    const to = this.hypervisor.runtimes().map(({ name, placement }) => {
      return `${name}=${placement.primary === 's1' ? 's2' : 's1'}`;
    });
    const wanted = { names: ['red/v', 'blue/v'], to };
    const found = movesOf(snapshot, wanted, knownTargets(this.hypervisor));
    if ('problems' in found) throw new Error(found.problems.join());
    const options = { what: 'both', strategy, groupMax: 1 };
    const now = ensembleCircumstancesOf(this.hypervisor);
    return atOnce(planEnsemble(snapshot, found, options, now));
  }

  start(): number {
    const plan = this.plan('auto');
    if (plan.type === 'problems') throw new Error(plan.problems.join());
    return this.hypervisor.executor.ensembles.start({ ...plan, plan: plan.steps }).id;
  }

  /** How it ended. */
  end(): string {
    const { executor } = this.hypervisor;
    const untilMs = this.world.now + 60_000;
    const isOn = () => ![...executor.ensembles.all.values()].every(isEnded);
    while (isOn() && this.world.now < untilMs) this.world.runUntil(this.world.now + 100);
    // What looks where cables lead comes and goes.
    for (let i = 0; i < 20 && this.wrong.length > 0; i++) {
      this.world.runUntil(this.world.now + 500);
    }
    return [...executor.ensembles.all.values()].at(-1)?.state.type ?? 'nothing';
  }

  get wrong(): readonly string[] {
    const { executor } = this.hypervisor;
    const held = this.hypervisor.datapaths().flatMap((datapath, i) => {
      const made = this.switches[i];
      return made === undefined ? ['none'] : deviations(this.hypervisor, datapath, holdingOf(made));
    });
    const rules = this.hypervisor.runtimes().flatMap(({ name, rulebook }) => {
      return rulebook.size === RULES ? [] : [`${name} has ${rulebook.size} rules`];
    });
    const refused = this.switches
      .filter((one) => one.refused > 0)
      .map((one) => `${one.refused} refused`);
    return [...whatIsHalf(executor.ensembles.all, executor.all()), ...held, ...rules, ...refused];
  }
}

t.test('the plan: cloning has no room, and auto says who makes some, and why', async (t) => {
  const exchange = new Exchange(1);
  const lime = exchange.plan('lime');
  t.match(lime, {
    problems: [
      /^s2 would have 240 rules at the peak, and has room for 140$/,
      /^s1 would have 240 rules at the peak, and has room for 140$/,
      /^with "--strategy auto" .* would make room first, and lose packets meanwhile$/,
    ],
  });
  const auto = exchange.plan('auto');
  if (auto.type === 'problems') throw new Error(auto.problems.join());
  t.strictSame(
    auto.cost.peaks.map(({ datapath, count }) => `${datapath} ${count}`),
    ['s2 120', 's1 120'],
  );
  t.equal(auto.groups.length, 1, 'both at once, whatever is asked for');
  t.match(
    auto.steps.join('\n'),
    /red\/v s1 -> s2 \(frozen, and emptied .*, since s. would have 240/,
  );
});

for (const of10 of [false, true]) {
  const kind = of10 ? 'one table' : 'a pipeline';
  t.test(`they change places, ${kind}`, async (t) => {
    const exchange = new Exchange(2, of10);
    exchange.start();
    t.equal(exchange.end(), 'done');
    t.strictSame(exchange.wrong, []);
    exchange.start();
    t.equal(exchange.end(), 'done', 'and back');
    t.strictSame(exchange.wrong, []);
  });

  t.test(`taken back, or killed, at any moment, ${kind}`, async (t) => {
    const ends = new Set<string>();
    const states = new Set<string>();
    for (let i = 0; i < (of10 ? 4 : 24); i++) {
      const exchange = new Exchange(10 + i, of10);
      const moment = Math.floor(i / 2) * (of10 ? 5 : 1) * MOMENT_MS;
      const id = exchange.start();
      exchange.world.runUntil(exchange.world.now + moment);
      for (const { state } of exchange.hypervisor.executor.all()) states.add(state.type);
      if (i % 2 === 0) exchange.hypervisor.executor.undo(id, 'enough');
      else {
        exchange.machine.kill();
        exchange.world.runUntil(exchange.world.now + DEAD_MS);
        exchange.machine.start();
      }
      ends.add(exchange.end());
      t.strictSame(exchange.wrong, [], `after ${moment} ms`);
    }
    t.comment([...states].join(' '));
    // Killed at once, it was never begun.
    ends.delete('nothing');
    t.strictSame([...ends].sort(), ['done', 'undone']);
  });
}
