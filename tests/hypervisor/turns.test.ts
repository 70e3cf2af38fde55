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

/** Of a change that concerns many; before they were bounded, up to 900,000. */
const CALLS_MAX = 60_000;
/** Of one vswitch with so many hosts: what its placement becomes is reckoned at once. */
const HOSTS = 128;
const CALLS_OF_HOSTS_MAX = 60_000;

/** Of which a turn has a few (limits.turnMs). */
const PER_LOOK_MS = 0.5;

/** So many milliseconds are no turn that anybody has to look at. */
const SHORT_MS = 0.5;

/** A world that counts what is done in a turn, when asked to. */
class CountedWorld extends GrowthWorld {
  calls: Calls | undefined;
  #most = 0;
  /** Of short turns that were not counted. */
  #uncountedMs = 0;

  constructor() {
    super(PER_LOOK_MS);
  }

  override turn(work: () => void): void {
    const { calls } = this;
    if (this.#uncountedMs > 1) {
      calls?.take();
      this.#uncountedMs = 0;
    }
    const beganMs = performance.now();
    super.turn(work);
    const tookMs = performance.now() - beganMs;
    this.#uncountedMs += tookMs;
    // A count costs more than most turns.
    if (calls === undefined || tookMs < SHORT_MS) return;
    this.#most = Math.max(this.#most, calls.take());
    this.#uncountedMs = 0;
  }

  /** The most calls of a turn while something was done. */
  during(change: () => void): number {
    this.calls?.take();
    this.#most = 0;
    change();
    return this.#most;
  }
}

function made(size: Size) {
  const world = new CountedWorld();
  const network = new GrowthNetwork(size, true, world);
  world.calls = new Calls();
  return { world, network };
}

t.test('what comes and goes concerns many', async (t) => {
  const { world, network } = made({ tenants: 100, datapaths: 5, hosts: 2 });
  let ever = 0;
  const changes: Readonly<Record<string, () => void>> = {
    'leaf goes': () => network.switch('s4').hangUp(),
    'leaf comes': () => network.connect('s4'),
    'spine goes': () => network.switch('s1').hangUp(),
    'spine comes': () => network.connect('s1'),
    'cable down': () => network.switch('s3').setPort(1, false),
    'cable up': () => network.switch('s3').setPort(1, true),
    drain: () => network.drain(['s1']),
    undrain: () => network.drain([]),
  };
  for (const [name, change] of Object.entries(changes)) {
    const most = world.during(() => {
      change();
      world.pass(3_000);
    });
    t.ok(most <= CALLS_MAX, `${name}: ${most} calls in one turn`);
    ever = Math.max(ever, most);
  }
  t.ok(ever > 1_000, 'calls are counted');
  world.calls?.stop();
});

t.test('another file is applied', async (t) => {
  const size: Size = { tenants: 60, datapaths: 5, hosts: 2 };
  const { world, network } = made(size);
  t.teardown(() => world.calls?.stop());
  const text = textOf(size);
  const files: Readonly<Record<string, string>> = {
    'a tenant comes': textOf({ ...size, tenants: 61 }),
    'and goes': text,
    'a host is plugged in elsewhere': text.replace('at: s3:1001', 'at: s3:5001'),
    'a cable goes': text.replace('  - s3:1 - s1:1\n', ''),
    'and comes': text,
    'what cannot be': text.replace(/ {2}- s3:[12] - s[12]:1\n/g, ''),
  };
  const ended: Applied[] = [];
  for (const [name, file] of Object.entries(files)) {
    const config = configOf(file);
    const most = world.during(() => {
      const { applying } = network.hypervisor;
      const before = ended.length;
      world.turn(() => applying.apply('file', config, (applied) => void ended.push(applied)));
      world.runUntil(() => ended.length > before);
      world.pass(500);
    });
    t.ok(most <= CALLS_MAX, `${name}: ${most} calls in one turn`);
  }
  const came = ended.map((one) => ('done' in one ? one.done.length : one.whyNot.length));
  t.strictSame(came, [0, 0, 0, 0, 0, 1]);
});

t.test('a vswitch with many ports moves', async (t) => {
  const { world, network } = made({ tenants: 1, datapaths: 5, hosts: HOSTS });
  const most = world.during(() => network.firstStep('t0/v1', 's5'));
  t.ok(most > 1_000 && most <= CALLS_OF_HOSTS_MAX, `${most} calls in one turn`);
  world.calls?.stop();
});
