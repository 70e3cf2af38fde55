/**
 * Every path of an ensemble: its members act in any order, one of them fails at any moment, the
 * operator wants it back at any moment, and it is asked again and again. All of it ends done, or
 * undone.
 */
import t from 'tap';
import type { DatapathName } from '../../slices/ids.ts';
import {
  advance,
  beginEnsemble,
  type Ensemble,
  isDecided,
  isEnded,
  type Member,
  type Order,
} from '../../translation/migration/ensemble.ts';
import type { Progress } from '../../translation/migration/ensemble-members.ts';
import {
  begin,
  canUndo,
  isOver,
  isWaiting,
  type Migration,
  step,
} from '../../translation/migration/migration.ts';
import { Random } from '../openflow/random.ts';
import { datapath, vswitchName } from '../slices/networks.ts';

const ID = 1;
const PORTS = 2;
const [from, to] = [datapath('s1'), datapath('s2')];

/** What runs an ensemble, without a world. */
class Life {
  ensemble: Ensemble;
  readonly migrations = new Map<number, Migration>();
  readonly #random: Random;
  wanted: { undo?: string; acted?: object } = {};
  /** Vswitches whose clone cannot be made. */
  readonly failing = new Set<string>();
  #next = ID + 1;
  readonly seen: string[] = [];

  constructor(random: Random, groups: readonly number[], drains?: DatapathName) {
    this.#random = random;
    const members = groups.map((group, i): Member => {
      const vswitch = vswitchName(`red/v${i + 1}`);
      const strategy = random.pick(['lime', 'lime', 'freeze'] as const);
      const emptiesFirst = strategy === 'freeze' && random.number(2) > 0;
      const move = { type: 'vswitch', vswitch, from, to, strategy, emptiesFirst } as const;
      return { move, group, migration: this.#begin(vswitch, strategy, emptiesFirst) };
    });
    const parts = { members, plan: [], ...(drains !== undefined && { drains }) };
    this.ensemble = beginEnsemble(ID, 'red', parts, 0);
  }

  #begin(
    vswitch: Migration['vswitch'],
    strategy: Migration['strategy'],
    emptiesFirst = false,
  ): number {
    const id = this.#next++;
    const more = { ensemble: ID, emptiesFirst };
    this.migrations.set(id, begin(id, vswitch, from, to, strategy, 0, more));
    return id;
  }

  get members(): readonly Migration[] {
    return this.ensemble.members.flatMap((member) =>
      'migration' in member ? (this.migrations.get(member.migration) ?? []) : [],
    );
  }

  get progress(): Progress {
    return { migrations: this.migrations, hostMoves: [] };
  }

  /** One thing happens. */
  turn(): void {
    const { ensemble, orders } = advance(this.ensemble, this.progress, this.wanted, 0);
    if (ensemble !== this.ensemble) this.seen.push(ensemble.state.type);
    this.ensemble = ensemble;
    // Some are carried out, and all are given again.
    for (const order of orders) if (this.#random.number(3) > 0) this.#obey(order);
    if (ensemble.state.type === 'ways') this.wanted.acted = {};
    const busy = this.members.filter((one) => !isOver(one) && !isWaiting(one));
    if (busy.length === 0) return;
    const one = this.#random.pick(busy);
    const fails = this.failing.has(one.vswitch) && ['clone', 'copy'].includes(one.state.type);
    const may = canUndo(one) && !isDecided(this.ensemble);
    if (fails && may) this.put(step(one, { type: 'failed', why: 'full' }, PORTS, 0));
    else this.put(step(one, { type: 'acted' }, PORTS, 0));
  }

  put(migration: Migration): void {
    this.migrations.set(migration.id, migration);
  }

  #obey(order: Order): void {
    if ('host' in order) throw new Error(`${order.host.host} is no member`);
    const { type, migration } = order;
    const now = this.migrations.get(migration.id) ?? migration;
    if (type === 'go') this.put(step(now, { type: 'go' }, PORTS, 0));
    else if (type === 'undo') this.put(step(now, { type: 'undo', why: 'all' }, PORTS, 0));
    else {
      const begun = this.#begin(now.vswitch, now.strategy, now.emptiesFirst);
      const members = this.ensemble.members.map((one) =>
        'migration' in one && one.migration === now.id ? { ...one, migration: begun } : one,
      );
      this.ensemble = { ...this.ensemble, members };
    }
  }

  run(each: (life: Life, turn: number) => void = () => undefined): string {
    for (let i = 0; i < 2_000 && !isEnded(this.ensemble); i++) {
      each(this, i);
      this.turn();
    }
    return this.ensemble.state.type;
  }
}

const groupings = [[0], [0, 0, 0], [0, 1, 2], [0, 0, 1, 1], []];

function lives(run: (life: Life, random: Random) => void): void {
  for (let seed = 0; seed < 40; seed++) {
    const random = new Random(seed);
    run(new Life(random, random.pick(groupings)), random);
  }
}

const states = (life: Life) => [...new Set(life.members.map(({ state }) => state.type))];

t.test(
  'nothing moves before all are cloned, nothing retires before all have arrived',
  async (t) => {
    lives((life) => {
      const end = life.run(({ ensemble, members }) => {
        const moves = members.some(({ phases }) => phases.some(({ name }) => name === 'ready'));
        const cloned = members.every(({ phases, state }) => {
          return state.type === 'ready' || phases.some(({ name }) => name === 'ready');
        });
        if (moves && !cloned) t.fail('one moves, another is not cloned');
        const retires = members.some(({ state }) => ['retire', 'done'].includes(state.type));
        if (retires && !isDecided(ensemble)) t.fail('one retires, another has not arrived');
      });
      t.equal(end, 'done');
      t.strictSame(states(life), life.members.length === 0 ? [] : ['done']);
    });
  },
);

t.test('groups move one after the other, and are taken back the last first', async (t) => {
  const life = new Life(new Random(1), [0, 1, 2]);
  const order: string[] = [];
  life.run(({ members, ensemble }) => {
    for (const { vswitch, phases } of members) {
      const moves = phases.some(({ name }) => name === 'handOver' || name === 'freeze');
      if (moves && !order.includes(vswitch)) order.push(vswitch);
    }
    if (ensemble.state.type === 'move' && ensemble.state.group === 2) life.wanted.undo = 'enough';
    if (ensemble.state.type !== 'undo') return;
    const ended = members.filter(isOver).map(({ vswitch }) => `-${vswitch}`);
    for (const one of ended) if (!order.includes(one)) order.push(one);
  });
  t.match(order.join(' '), /^red\/v1 red\/v2 .*-red\/v3 -red\/v2 -red\/v1$/);
  t.equal(life.ensemble.state.type, 'undone');
});

t.test(
  'those that make room do so together: none is filled while another is in the way',
  async (t) => {
    let seen = 0;
    lives((life) => {
      life.run(({ members }) => {
        const fills = members.find(
          ({ state, emptiesFirst }) => emptiesFirst && state.type === 'copy',
        );
        const groupOf = ({ id }: Migration) =>
          life.ensemble.members.find((one) => 'migration' in one && one.migration === id)?.group;
        if (fills === undefined) return;
        seen += 1;
        const others = members.filter((one) => one.emptiesFirst && groupOf(one) === groupOf(fills));
        const hasLeft = ['emptied', 'copy', 'arrived', 'retire', 'done'];
        for (const { state } of others) if (!hasLeft.includes(state.type)) t.fail(state.type);
      });
    });
    t.ok(seen > 0, 'some did');
  },
);

t.test('what one cannot do, none does', async (t) => {
  lives((life, random) => {
    if (life.members.length === 0) return;
    life.failing.add(random.pick(life.members).vswitch);
    t.equal(life.run(), 'undone');
    t.strictSame(states(life), ['undone']);
  });
});

t.test('taken back at any moment: all of it, or it is too late for all of it', async (t) => {
  const ends = new Set<string>();
  lives((life, random) => {
    const moment = random.number(60);
    const end = life.run((_, turn) => {
      if (turn === moment && !isDecided(life.ensemble)) life.wanted.undo = 'enough';
    });
    ends.add(end);
    if (life.members.length > 0) t.strictSame(states(life), [end]);
  });
  t.strictSame([...ends].sort(), ['done', 'undone']);
});

t.test(
  'one that can only go on: another is tried again, and named when it is in vain',
  async (t) => {
    for (const isMended of [true, false]) {
      const life = new Life(new Random(7), [0, 1]);
      const [first, second] = life.members;
      const end = life.run(({ members }) => {
        const arrived = members.find(({ vswitch, state }) => {
          return vswitch === first?.vswitch && state.type === 'arrived';
        });
        if (arrived !== undefined && arrived.aside === undefined) {
          life.put({ ...arrived, aside: { body: from, why: 'full' } });
          life.failing.add(second?.vswitch ?? '');
          const other = members.find(({ vswitch }) => vswitch === second?.vswitch);
          if (other !== undefined) life.put(step(other, { type: 'undo', why: 'gone' }, PORTS, 0));
        }
        if (isMended && life.migrations.size > 3) life.failing.clear();
      });
      t.equal(end, 'done');
      const { state } = life.ensemble;
      const exceptions = 'exceptions' in state ? (state.exceptions ?? []) : [];
      t.equal(exceptions.length, isMended ? 0 : 1, exceptions.join());
      t.ok(life.migrations.size > 2, 'it was tried again');
    }
  },
);

t.test('a datapath that is drained: ways are led around it in the end', async (t) => {
  const life = new Life(new Random(3), [0, 0], from);
  t.equal(life.run(), 'done');
  t.strictSame(life.seen.slice(-2), ['ways', 'done']);
});
