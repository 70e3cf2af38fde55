/**
 * No turn of the event loop grows with what exists. What is done in a turn is counted, in calls
 * of our functions, and not timed: `node tests/bench/growth.ts` does that. The clock goes on by a
 * fixed time with each look at it, so what is done in a turn is always the same: a few steps.
 */

import t from 'tap';
import type { Applied } from '../../hypervisor/migrate/applying.ts';
import { GrowthNetwork, type Size, textOf } from '../bench/growth-network.ts';
import { GrowthWorld } from '../bench/growth-world.ts';
import { configOf } from '../slices/networks.ts';
import { Calls } from '../support/calls.ts';

/** Of a change that concerns many; before they were bounded, up to 360,000. */
const CALLS_MAX = 45_000;
/** Of one vswitch with so many hosts. */
const HOSTS = 128;
const CALLS_OF_HOSTS_MAX = 35_000;

/** Of which a turn has a few (limits.turnMs). */
const PER_LOOK_MS = 0.5;

/** Those that take longest are counted: a count costs more than most turns. */
const COUNTED = 16;

/** A world that times turns, or counts what is done in some of them. */
class CountedWorld extends GrowthWorld {
  readonly #calls: Calls | undefined;
  #times: number[] = [];
  #counted: ReadonlySet<number> = new Set();
  #most = 0;

  constructor(calls?: Calls) {
    super(PER_LOOK_MS);
    this.#calls = calls;
  }

  override turn(work: () => void): void {
    const isCounted = this.#counted.has(this.#times.length);
    if (isCounted) this.#calls?.take();
    const beganMs = performance.now();
    super.turn(work);
    this.#times.push(performance.now() - beganMs);
    if (isCounted) this.#most = Math.max(this.#most, this.#calls?.take() ?? 0);
  }

  /** What turns took while something was done; and of those that are `counted` the most calls. */
  during(change: () => void, counted: ReadonlySet<number> = new Set()) {
    this.#times = [];
    this.#counted = counted;
    this.#most = 0;
    change();
    this.#counted = new Set();
    return { times: this.#times, most: this.#most };
  }
}

type Change = (network: GrowthNetwork, world: CountedWorld) => void;

/**
 * The most calls in one turn of each change, one after the other. They are done twice: their turns
 * are the same, so that the longest of the first time are counted in the second.
 */
function counted(size: Size, changes: Readonly<Record<string, Change>>): Map<string, number> {
  const first = new CountedWorld();
  const timed = new GrowthNetwork(size, true, first);
  const times = Object.values(changes).map((change) => {
    return first.during(() => change(timed, first)).times;
  });
  const calls = new Calls();
  const world = new CountedWorld(calls);
  const network = new GrowthNetwork(size, true, world);
  const found = new Map<string, number>();
  for (const [i, [name, change]] of Object.entries(changes).entries()) {
    const longest = [...(times[i] ?? []).entries()].sort(([, a], [, b]) => b - a);
    const some = new Set(longest.slice(0, COUNTED).map(([turn]) => turn));
    const { most, times: again } = world.during(() => change(network, world), some);
    if (again.length !== times[i]?.length) throw new Error(`${name} has other turns each time`);
    found.set(name, most);
  }
  calls.stop();
  return found;
}

t.test('what comes and goes concerns many', async (t) => {
  const after = (change: Change): Change => {
    return (network, world) => {
      change(network, world);
      world.pass(3_000);
      world.runUntil(() => !network.hypervisor.draining.isUnderWay);
    };
  };
  const changes: Readonly<Record<string, Change>> = {
    'leaf goes': after((network) => network.switch('s4').hangUp()),
    'leaf comes': after((network) => network.connect('s4')),
    'spine goes': after((network) => network.switch('s1').hangUp()),
    'spine comes': after((network) => network.connect('s1')),
    'cable down': after((network) => network.switch('s3').setPort(1, false)),
    'cable up': after((network) => network.switch('s3').setPort(1, true)),
    drain: after((network) => network.drain(['s1'])),
    undrain: after((network) => network.drain([])),
    'a host moves': (network) => network.moveHosts(['t0/h0x0'], () => 's4:5000'),
  };
  const found = counted({ tenants: 40, datapaths: 5, hosts: 2 }, changes);
  for (const [name, most] of found) t.ok(most <= CALLS_MAX, `${name}: ${most} calls in one turn`);
  t.ok(Math.max(...found.values()) > 1_000, 'calls are counted');
});

t.test('another file is applied', async (t) => {
  const size: Size = { tenants: 40, datapaths: 5, hosts: 2 };
  const text = textOf(size);
  const files: Readonly<Record<string, string>> = {
    'a tenant comes': textOf({ ...size, tenants: 41 }),
    'and goes': text,
    'a host is plugged in elsewhere': text.replace('at: s3:1001', 'at: s3:5001'),
    'a cable goes': text.replace('  - s3:1 - s1:1\n', ''),
    'and comes': text,
    'what cannot be': text.replace(/ {2}- s3:[12] - s[12]:1\n/g, ''),
  };
  const ended: Applied[] = [];
  const changes = Object.entries(files).map(([name, file]): [string, Change] => {
    const config = configOf(file);
    const change: Change = ({ hypervisor: { applying } }, world) => {
      const before = ended.length;
      world.turn(() => applying.apply('file', config, (applied) => void ended.push(applied)));
      world.runUntil(() => ended.length > before);
      world.pass(500);
    };
    return [name, change];
  });
  const found = counted(size, Object.fromEntries(changes));
  for (const [name, most] of found) t.ok(most <= CALLS_MAX, `${name}: ${most} calls in one turn`);
  const came = ended.map((one) => ('done' in one ? one.done.length : one.whyNot.length));
  t.strictSame(came, [...[0, 0, 0, 0, 0, 1], ...[0, 0, 0, 0, 0, 1]]);
});

const manyPorts: Readonly<Record<string, Change>> = {
  'a vswitch with many ports moves': (network) => network.firstStep('t0/v1', 's5'),
  'a host of one with many ports moves': (network) => {
    network.moveHosts(['t0/h1x0'], () => 's5:5000');
  },
};

for (const [name, change] of Object.entries(manyPorts)) {
  t.test(name, async (t) => {
    const found = counted({ tenants: 1, datapaths: 5, hosts: HOSTS }, { [name]: change });
    const most = found.get(name) ?? 0;
    t.ok(most > 1_000 && most <= CALLS_OF_HOSTS_MAX, `${most} calls in one turn`);
  });
}
