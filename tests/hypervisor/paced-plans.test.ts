/**
 * Plans are made one at a time, each for the snapshot that serves: whatever begins, waits or makes
 * another snapshot serve while one is being made, each is made to its end and heard of once, and
 * nobody makes a snapshot of one that does not serve any more.
 */
import t from 'tap';
import { Planning } from '../../hypervisor/datapath/paced-plans.ts';
import { unbounded } from '../../hypervisor/world/fault-boundary.ts';
import { Scheduler } from '../../hypervisor/world/scheduler.ts';
import { limits } from '../../slices/limits.ts';
import { Random } from '../openflow/random.ts';
import { FakeWorld } from './fake-world.ts';

/** Changes of a snapshot, which is a list of who changed it, and plans of what each concerns. */
class Changes {
  readonly world = new FakeWorld();
  readonly planning = new Planning({
    boundary: unbounded,
    scheduler: new Scheduler(this.world),
    world: this.world,
  });
  snapshot: readonly number[] = [];
  readonly planned: number[] = [];
  readonly heard: number[] = [];
  readonly wrong: string[] = [];
  readonly #random: Random;
  #last = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** As a migration's step does it: when nothing is planned, or whenever its hand-over ends. */
  change(depth: number): void {
    this.#last += 1;
    const own = this.#last;
    const take = (): void => {
      const next = [...this.snapshot, own];
      const from = this.snapshot;
      this.planning.finish();
      if (this.snapshot !== from) this.wrong.push(`${own}: another snapshot serves already`);
      this.snapshot = next;
      this.planning.begin(this.#steps(own), () => {
        this.heard.push(own);
        // What follows may follow at once.
        if (depth > 0) for (let i = this.#random.number(3); i > 0; i--) this.change(depth - 1);
      });
    };
    if (this.#random.number(4) === 0) take();
    else this.planning.whenIdle(take);
  }

  *#steps(own: number): Generator<void, void> {
    for (let i = this.#random.number(5); i > 0; i--) {
      if (this.snapshot.at(-1) !== own) this.wrong.push(`${own}: planned for another snapshot`);
      yield;
    }
    this.planned.push(own);
  }

  get count(): number {
    return this.#last;
  }
}

t.test('many at once, and some in the middle of others', async (t) => {
  // A step of a plan in each turn: others come in between.
  const { stepsPerTurnMax } = limits;
  t.teardown(() => Object.assign(limits, { stepsPerTurnMax }));
  Object.assign(limits, { stepsPerTurnMax: 1 });
  let most = 0;
  for (let seed = 0; seed < 300; seed++) {
    const random = new Random(seed);
    const changes = new Changes(random);
    changes.world.roundsPerTurnMax = 1;
    for (let i = 0; i < 9; i++) {
      changes.change(2);
      if (random.number(2) === 0) changes.world.turn();
    }
    for (let i = 0; i < 2_000; i++) changes.world.turn();
    const { snapshot, planned, heard, wrong, count } = changes;
    most = Math.max(most, count);
    const all = Array.from({ length: count }, (_, i) => i + 1);
    const inOrder = (some: readonly number[]) => some.toSorted((a, b) => a - b);
    const found = [...wrong];
    if (String(inOrder(snapshot)) !== String(all)) found.push(`lost of the snapshot: ${snapshot}`);
    if (String(planned) !== String(snapshot)) found.push(`planned ${planned} of ${snapshot}`);
    if (String(inOrder(heard)) !== String(all)) found.push(`heard of ${heard}`);
    if (found.length > 0) t.fail(`seed ${seed}: ${found.slice(0, 3).join('; ')}`);
  }
  t.ok(most > 30, `${most} changes at most`);
});
