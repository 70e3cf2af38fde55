/**
 * Every path of an ensemble with hosts: vswitches and hosts act in any order, drivers fail, also on
 * the way back, and the operator wants it back at any moment. All of it ends done or undone, and
 * hosts are at the one side or the other with it.
 */
import t from 'tap';
import { endText, type Port } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import {
  advance,
  beginEnsemble,
  type Ensemble,
  isDecided,
  isEnded,
} from '../../translation/migration/ensemble.ts';
import type { HostsMove, Member, Order } from '../../translation/migration/ensemble-members.ts';
import {
  beginHostMove,
  canTakeBack,
  type HostMove,
  isHostMoveOver,
  stepHostMove,
} from '../../translation/migration/host-move.ts';
import {
  begin,
  isOver,
  isWaiting,
  type Migration,
  step,
} from '../../translation/migration/migration.ts';
import { Random } from '../openflow/random.ts';
import { datapath, vswitchName } from '../slices/networks.ts';

const ID = 1;
const [from, to] = [datapath('s1'), datapath('s2')];
const red = vswitchName('red/v');

function moveOf(number: number): HostsMove {
  const [near, far] = [from, to].map((device) => ({ device, port: number as Port }));
  if (near === undefined || far === undefined) throw new Error('two ends');
  const what = { host: `red/h${number}`, vswitch: red, vport: number, driver: 'exec' } as const;
  return { type: 'host', ...what, from: near, to: far };
}

/** What runs an ensemble of a vswitch and some hosts, without a world. */
class Life {
  ensemble: Ensemble;
  readonly migrations = new Map<number, Migration>();
  readonly hostMoves: HostMove[] = [];
  readonly wanted: { undo?: string } = {};
  /** Hosts that drivers do not bring there, or back. */
  readonly stays = new Set<string>();
  readonly stuck = new Set<string>();
  readonly #random: Random;

  constructor(random: Random, groups: readonly (readonly ['v' | 'h', number])[]) {
    this.#random = random;
    let number = 0;
    const members = groups.map(([kind, group]): Member => {
      number += 1;
      if (kind === 'h') return { move: moveOf(number), group };
      const vswitch = vswitchName(`red/v${number}`);
      const id = ID + number;
      this.migrations.set(id, begin(id, vswitch, from, to, 'lime', 0, { ensemble: ID }));
      return {
        move: { type: 'vswitch', vswitch, from, to, strategy: 'lime' },
        group,
        migration: id,
      };
    });
    this.ensemble = beginEnsemble(ID, 'red', { members, plan: [] }, 0);
  }

  get #progress() {
    return { migrations: this.migrations, hostMoves: this.hostMoves };
  }

  turn(): void {
    const { ensemble, orders } = advance(this.ensemble, this.#progress, this.wanted, 0);
    this.ensemble = ensemble;
    for (const order of orders) if (this.#random.number(3) > 0) this.#obey(order);
    if (this.#random.number(2) > 0) this.#vswitchActs();
    else this.#hostActs();
  }

  #obey(order: Order): void {
    if (!('host' in order)) {
      const now = this.migrations.get(order.migration.id) ?? order.migration;
      if (order.type === 'go') this.#put(step(now, { type: 'go' }, 2, 0));
      else if (order.type === 'undo') this.#put(step(now, { type: 'undo', why: 'all' }, 2, 0));
      return;
    }
    const { host: move, type } = order;
    const active = this.hostMoves.findIndex(
      (one) => one.host === move.host && !isHostMoveOver(one),
    );
    const now = this.hostMoves[active];
    if (type === 'abortHost' && now) {
      this.hostMoves[active] = stepHostMove(now, { type: 'undo', why: 'all' }, 0);
    }
    if (type === 'abortHost' || now !== undefined) return;
    const what = type === 'returnHost' ? { ...move, from: move.to, to: move.from } : move;
    this.hostMoves.push(beginHostMove(this.hostMoves.length + 1, what, 0, { ensemble: ID }));
  }

  #put(one: Migration): void {
    this.migrations.set(one.id, one);
  }

  #vswitchActs(): void {
    const busy = [...this.migrations.values()].filter((one) => !isOver(one) && !isWaiting(one));
    if (busy.length > 0) this.#put(step(this.#random.pick(busy), { type: 'acted' }, 2, 0));
  }

  #hostActs(): void {
    const busy = this.hostMoves.filter((one) => !isHostMoveOver(one));
    if (busy.length === 0) return;
    const one = this.#random.pick(busy);
    const isBack = one.to.device === from;
    const fails = (isBack ? this.stuck : this.stays).has(one.host) && one.state.type === 'run';
    const event = fails
      ? ({ type: 'failed', why: 'no room' } as const)
      : ({ type: 'acted' } as const);
    this.hostMoves[this.hostMoves.indexOf(one)] = stepHostMove(one, event, 0);
  }

  run(each: (turn: number) => void = () => undefined): string {
    for (let i = 0; i < 3_000 && !isEnded(this.ensemble); i += 1) {
      each(i);
      this.turn();
    }
    return this.ensemble.state.type;
  }

  /** Where the hosts are, by what drivers have said. */
  get places(): readonly string[] {
    return this.ensemble.members.flatMap(({ move }) => {
      if (move.type !== 'host') return [];
      const last = this.hostMoves.findLast(({ host, state }) => {
        return host === move.host && state.type === 'done';
      });
      return [(last?.to ?? move.from).device];
    });
  }
}

const groupings = [
  [
    ['v', 0],
    ['h', 1],
    ['h', 1],
  ],
  [
    ['h', 0],
    ['v', 1],
    ['h', 2],
    ['v', 3],
  ],
  [
    ['h', 0],
    ['h', 1],
    ['h', 2],
  ],
  [
    ['v', 0],
    ['v', 0],
    ['h', 1],
    ['h', 2],
  ],
] as const;

function lives(run: (life: Life, random: Random) => void): void {
  for (let seed = 0; seed < 60; seed += 1) {
    const random = new Random(seed);
    run(new Life(random, random.pick(groupings)), random);
  }
}

const hostsOf = ({ ensemble }: Life) =>
  ensemble.members.flatMap(({ move }) => (move.type === 'host' ? [move] : []));

t.test('hosts move when all is cloned, nothing retires before they are there', async (t) => {
  lives((life) => {
    const end = life.run(() => {
      const all = [...life.migrations.values()];
      const isCloned = all.every(({ phases, state }) => {
        return state.type === 'ready' || phases.some(({ name }) => name === 'ready');
      });
      if (life.hostMoves.length > 0 && !isCloned)
        t.fail('a host moves, and something is not cloned');
      const retires = all.some(({ state }) => ['retire', 'done'].includes(state.type));
      const done = life.hostMoves.filter(({ state }) => state.type === 'done');
      if (retires && done.length < hostsOf(life).length) t.fail('one retires, a host is not there');
    });
    t.equal(end, 'done');
    t.ok(life.places.every((on) => on === to));
  });
});

t.test('a host that does not come takes all back, those that came, too', async (t) => {
  lives((life, random) => {
    const { host } = random.pick(hostsOf(life));
    life.stays.add(host);
    t.equal(life.run(), 'undone');
    t.match(life.ensemble.state, { why: `${host}: no room` });
    t.ok(
      life.places.every((on) => on === from),
      life.places.join(),
    );
    t.ok([...life.migrations.values()].every(({ state }) => state.type === 'undone'));
  });
});

t.test('taken back at any moment: all of it, or it is too late for all of it', async (t) => {
  const ends = new Set<string>();
  lives((life, random) => {
    const moment = random.number(80);
    const end = life.run((turn) => {
      if (turn === moment && !isDecided(life.ensemble)) life.wanted.undo = 'enough';
    });
    ends.add(end);
    const side = end === 'done' ? to : from;
    t.ok(
      life.places.every((on) => on === side),
      `${end}: ${life.places.join()}`,
    );
    t.ok(life.hostMoves.every(isHostMoveOver));
  });
  t.strictSame([...ends].sort(), ['done', 'undone']);
});

t.test('hosts go back one group after the other, the last that moved first', async (t) => {
  const life = new Life(new Random(3), [
    ['h', 0],
    ['h', 1],
    ['h', 2],
  ]);
  life.run(() => {
    if (life.places.every((on) => on === to)) life.wanted.undo = 'enough';
  });
  const back = life.hostMoves.filter((one) => one.to.device === from).map(({ host }) => host);
  if (life.ensemble.state.type === 'undone') t.strictSame(back, ['red/h3', 'red/h2', 'red/h1']);
  const early = new Life(new Random(4), [
    ['h', 0],
    ['h', 1],
    ['h', 2],
  ]);
  early.stays.add('red/h3');
  t.equal(early.run(), 'undone');
  const returned = early.hostMoves.filter((one) => one.to.device === from);
  t.strictSame(
    returned.map(({ host }) => host),
    ['red/h2', 'red/h1'],
  );
});

t.test('one that is not brought back is tried some times, and named', async (t) => {
  const life = new Life(new Random(5), [
    ['h', 0],
    ['v', 1],
    ['h', 2],
  ]);
  life.stays.add('red/h3');
  life.stuck.add('red/h1');
  t.equal(life.run(), 'undone');
  const tries = life.hostMoves.filter((one) => one.to.device === from);
  t.equal(tries.length, limits.ensembleTriesMax);
  t.ok(tries.every(({ host }) => host === 'red/h1'));
  const { state } = life.ensemble;
  t.strictSame('exceptions' in state ? state.exceptions : [], [
    `red/h1 is at ${endText(moveOf(1).to)}: no room`,
  ]);
  t.ok([...life.migrations.values()].every((one) => one.state.type === 'undone'));
  t.ok(life.hostMoves.every(({ state: now }) => !canTakeBack(now)));
});
